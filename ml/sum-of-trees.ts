import type { WeighedForest } from './explain/tree-shap.ts';
import type { ForestInputs } from './trees/predictor.ts';

/** A model that is a base value and the trees' values, added up. */
export type SumOfTrees = WeighedForest & {
  base: number;
  /** How the sum becomes the answer; `probability` is held to 0 … 1 against its rounding. */
  output: 'identity' | 'probability' | 'sigmoid';
  /** Columns in the order of `Forest.tests`: dense ones first, then codes. */
  inputs: Pick<ForestInputs, 'dense' | 'codes'>;
};
