import type { Pipeline } from '../contracts/pipeline.ts';
import { deriveSeed } from '../ml/random.ts';
import { alwaysTrained, assignTimeFolds, assignFolds as dealFolds } from '../ml/split.ts';
import type { LabelledRows } from './read-rows.ts';

const dayMs = 24 * 3600 * 1000;

export type Folds = {
  /** Of each row. */
  of: Int32Array;
  count: number;
  /** Where the folds follow one another in time, a fold is predicted from rows that are earlier by the gap or more. */
  inTime: { times: Float64Array; gapMs: number } | null;
};

/** Columns that the folds are made by, which no recipe need read. */
export const foldColumns = ({ split }: Pipeline): readonly string[] =>
  split.by === 'cutoff' ? [split.column] : [];

/**
 * The same folds for every candidate and trial of one seed: stratified by class; as the hold-out of a pipeline that is
 * split at a date, in the order of time.
 * @throws RangeError where the rows are too few
 */
export function assignFolds(
  { task, split }: Pipeline,
  rows: LabelledRows,
  { count, seed }: { count: number; seed: number },
): Folds {
  if (split.by === 'cutoff') {
    const column = rows.frame.columns.get(split.column);
    if (column?.kind !== 'timestamp') throw new RangeError(`the rows have no times in "${split.column}"`);
    const times = column.values;
    return {
      of: assignTimeFolds({ times, folds: count }),
      count,
      inTime: { times, gapMs: (split.gapDays ?? 0) * dayMs },
    };
  }
  const strata = task === 'regression' ? {} : { strata: rows.target };
  const of = dealFolds({ rows: rows.frame.rows, folds: count, seed: deriveSeed(seed, 'folds'), ...strata });
  return { of, count, inTime: null };
}

export const rowsOfFold = ({ of }: Folds, fold: number): Int32Array =>
  rowsWhere(of, (other) => other === fold);

/** The rows that a fold is predicted from. */
export function trainingRows(folds: Folds, fold: number): Int32Array {
  const { of, inTime } = folds;
  if (inTime === null) return rowsWhere(of, (other) => other !== fold);
  const { times, gapMs } = inTime;
  const startMs = rowsOfFold(folds, fold).reduce(
    (least, row) => Math.min(least, times[row] as number),
    Number.POSITIVE_INFINITY,
  );
  return rowsWhere(of, (other, row) => {
    const isEarlier = other > fold || other === alwaysTrained;
    return isEarlier && (times[row] as number) <= startMs - gapMs;
  });
}

/** @param to exclusive, the last fold that has been predicted */
export const measuredRows = ({ of }: Folds, to: number): Int32Array =>
  rowsWhere(of, (fold) => fold >= 0 && fold < to);

function rowsWhere(foldOf: Int32Array, keep: (fold: number, row: number) => boolean): Int32Array {
  const kept: number[] = [];
  foldOf.forEach((fold, row) => {
    if (keep(fold, row)) kept.push(row);
  });
  return Int32Array.from(kept);
}
