import type { ClusteredRows } from './clustering.ts';
import type { ConfusionMatrix } from './counts.ts';
import type { Measure } from './measure.ts';

export type Better = 'higher' | 'lower';

/** Null where the rows leave the metric undefined, never NaN. */
export type Values<Name extends string> = Readonly<Record<Name, number | null>>;

/** Number `row` of both is of one row. */
export type ValueRows = { target: Float64Array; predicted: Float64Array };
/** `target` holds 0 and 1, `predicted` the probabilities of 1, each in [0, 1]. */
export type ProbabilityRows = ValueRows;
/** `target` holds the indices of classes, `predicted` rows × classes probabilities. */
export type ClassProbabilityRows = ValueRows & { classes: number };

/**
 * Metrics that are taken together, because they share what is dear: errors, a ranking, centres. One family is one file
 * in `ml/metrics` and one line in its registry. `of` says what it reads:
 *
 * - `decisions`: the counts of truth (lines) by decision (columns) of the classes, counted once for all such families,
 *   and anew for each threshold that is tried;
 * - `values`, `probability`, `probabilities`: the rows of a regression, a binary or a multiclass task. `prepare` does
 *   once what does not depend on how often a row counts, and throws a RangeError where the rows are none of its;
 * - `clusters`: points with their labels and centres, without empty clusters;
 * - `refits`: nothing here. Whoever can fit measures it; the registry knows its name.
 */
export type MetricFamily<Name extends string = string> = {
  better: Readonly<Record<Name, Better>>;
} & (
  | {
      of: 'decisions';
      tasks: readonly ('binary' | 'multiclass')[];
      measure(confusion: ConfusionMatrix): Values<Name>;
    }
  | { of: 'values'; prepare(rows: ValueRows): Measure<Values<Name>> }
  | { of: 'probability'; prepare(rows: ProbabilityRows): Measure<Values<Name>> }
  | { of: 'probabilities'; prepare(rows: ClassProbabilityRows): Measure<Values<Name>> }
  | { of: 'clusters'; measure(clustered: ClusteredRows): Readonly<Record<Name, number>> }
  | { of: 'refits' }
);
