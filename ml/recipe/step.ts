import type { Column } from '../frame.ts';
import type { Operation } from './operation.ts';
import type { ColumnSelector, Scope } from './scope.ts';
import type { EncodeStep, FeatureStep } from './spec.ts';

/** Finds the value of a key in a look-up table; the default where the table does not hold it. */
export type FindLookup = (
  lookup: string,
  value: string,
) => { key: string; find: (key: string | null) => number };

/** A derived feature: nothing is learned, so the step itself is its fitted form. */
export interface FeatureDefinition<S extends FeatureStep = FeatureStep> {
  check(step: S, scope: Scope): void;
  operations(step: S, findLookup: FindLookup): readonly Operation[];
}

export type TableColumn = Column | { kind: 'codes'; codes: Int32Array; levels: readonly string[] };

/** What an encode step learns from. */
export type Training = {
  rows: number;
  column(name: string): TableColumn;
  select(selector: ColumnSelector): readonly string[];
  /** One per row, or absent. */
  target: Float64Array | undefined;
  seed: number;
};

/** A prepared column: `Fitted` is JSON-safe, and all that serving knows of the step. */
export interface EncodeDefinition<S extends EncodeStep = EncodeStep, Fitted = unknown> {
  check(step: S, scope: Scope): void;
  fit(step: S, training: Training): Fitted;
  operations(fitted: Fitted): readonly Operation[];
  /**
   * Only where training rows must not see their own target: the columns that replace, on the rows of the
   * fit, what `operations` give on all other rows.
   */
  outOfFold?(step: S, fitted: Fitted, training: Training): readonly { name: string; values: Float64Array }[];
}
