import type { z } from 'zod';
import type { Column } from '../frame.ts';
import type { Operation } from './operation.ts';
import type { ColumnSelector, Scope } from './scope.ts';
import type { LookupSpec } from './spec.ts';

/** Finds the value of a key in a look-up table; the default where the table does not hold it. */
export type FindLookup = (
  lookup: string,
  value: string,
) => { key: string; find: (key: string | null) => number };

/** A derived feature: nothing is learned, so the step itself is its fitted form. One file here, one line in `features/registry.ts`. */
export interface FeatureDefinition<S extends { step: string }> {
  /** The columns that a step reads, a look-up by its key. */
  reads(step: S, lookups: readonly Pick<LookupSpec, 'name' | 'key'>[]): readonly string[];
  check(step: S, scope: Scope): void;
  operations(step: S, findLookup: FindLookup): readonly Operation[];
}

export const defineFeature = <Schema extends z.ZodType<{ step: string }>>(
  definition: { schema: Schema } & FeatureDefinition<z.infer<Schema>>,
) => definition;

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

/** A prepared column: `Fitted` is JSON-safe, and all that serving knows of the step. One file, one line in `encode/registry.ts`. */
export interface EncodeDefinition<S extends { step: string }, Fitted> {
  /** The step where the columns of `gone` are no more, which takes what was made of them; null where nothing is left of it. */
  without(step: S, gone: Set<string>): S | null;
  check(step: S, scope: Scope): void;
  fit(step: S, training: Training): Fitted;
  operations(fitted: Fitted): readonly Operation[];
  /**
   * Only where training rows must not see their own target: the columns that replace, on the rows of the
   * fit, what `operations` give on all other rows.
   */
  outOfFold?(step: S, fitted: Fitted, training: Training): readonly { name: string; values: Float64Array }[];
}

export const defineEncode = <
  Schema extends z.ZodType<{ step: string }>,
  Fitted extends z.ZodType<{ step: string }>,
>(
  definition: { schema: Schema; fitted: Fitted } & EncodeDefinition<
    z.infer<Schema>,
    z.infer<Fitted> & { step: z.infer<Schema>['step'] }
  >,
) => definition;
