import type { Design } from './learners/design-matrix.ts';
import type { Link } from './network/link.ts';
import type { Activation, Layer } from './network/network.ts';

/** A model that answers by products of matrices, as exports take it. */
export type TensorForm = Layered | NearestCentre;

/** A linear model has one layer, a network one more for each of its hidden ones. */
export type Layered = {
  kind: 'layers';
  /** What the first layer reads: these columns, standardised. */
  design: Design;
  layers: readonly Layer[];
  /** Of all layers but the last. */
  activation: Activation;
  link: Link;
  /** An answer is mean + spread × what the link gives. */
  target: { mean: number; spread: number };
};

/** The answer is the index of the centre nearest to the dense columns, of equally near ones the first. */
export type NearestCentre = {
  kind: 'nearestCentre';
  columns: readonly string[];
  centres: readonly (readonly number[])[];
};
