import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Pipeline } from '../../contracts/pipeline.ts';
import { measuredRows, rowsOfFold, trainingRows } from '../../ml/splits/folds.ts';
import { assignFolds } from '../../threads/folds.ts';
import { declared } from './olist.ts';

const { pipeline } = declared('olist-score');
if (pipeline.task !== 'regression') throw new Error('olist-score is a regression');
const regression = pipeline;
const dayMs = 24 * 3600 * 1000;

/** Rows of which only their times count. */
function foldsOver(days: readonly number[], { count, gapDays }: { count: number; gapDays?: number }) {
  const of: Pipeline = { ...regression, split: { by: 'cutoff', column: 'at', date: '2030-01-01', gapDays } };
  const values = Float64Array.from(days, (day) => day * dayMs);
  const frame = { rows: days.length, columns: new Map([['at', { kind: 'timestamp' as const, values }]]) };
  const rows = { frame, keys: [], target: new Float64Array(days.length), lookups: [] };
  return assignFolds(of, rows, { count, seed: 1 });
}

const distinctDays = fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { minLength: 30, maxLength: 80 });

test('a fold in time is predicted from rows that are earlier than all of it by the gap', () => {
  fc.assert(
    fc.property(
      distinctDays,
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: 1, max: 9 }),
      (days, count, gapDays) => {
        const folds = foldsOver(days, { count, gapDays });
        const whole = foldsOver(days, { count });
        for (let fold = 0; fold < count; fold++) {
          const start = Math.min(...[...rowsOfFold(folds, fold)].map((row) => days[row] ?? Number.NaN));
          const dayOf = (row: number): number => days[row] ?? Number.NaN;
          const earlier = [...days.keys()].filter((row) => dayOf(row) < start);
          expect([...trainingRows(whole, fold)]).toEqual(earlier);
          expect([...trainingRows(folds, fold)]).toEqual(
            earlier.filter((row) => dayOf(row) <= start - gapDays),
          );
        }
      },
    ),
  );
});

test('all but the oldest block are measured, the newest first', () => {
  const days = Array.from({ length: 30 }, (_, i) => (i * 7) % 30);
  const folds = foldsOver(days, { count: 5 });
  expect([...measuredRows(folds, 1)].map((row) => days[row]).sort()).toEqual([25, 26, 27, 28, 29]);
  expect(measuredRows(folds, 5)).toHaveLength(25);
});

test('rows without the time to go by are refused', () => {
  const rows = { frame: { rows: 0, columns: new Map() }, keys: [], target: new Float64Array(), lookups: [] };
  const of: Pipeline = { ...regression, split: { by: 'cutoff', column: 'at', date: '2030-01-01' } };
  expect(() => assignFolds(of, rows, { count: 3, seed: 1 })).toThrow('the rows have no times in "at"');
});
