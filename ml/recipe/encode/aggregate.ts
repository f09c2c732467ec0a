import { z } from 'zod';
import { columnName } from '../column-name.ts';
import { defineEncode } from '../step.ts';
import { categoryOf, numbersOf } from './columns.ts';
import { byCodeUnits, meanAndDeviation, quantiles } from './statistics.ts';

const schema = z.strictObject({
  step: z.literal('aggregate'),
  column: columnName,
  by: columnName,
  statistic: z.enum(['mean', 'median', 'deviation']),
  /** A level of fewer rows with the number counts as unseen. */
  minRows: z.int().min(1).default(10),
  as: columnName,
});
type Step = z.infer<typeof schema>;

const fittedSchema = z
  .strictObject({
    step: z.literal('aggregate'),
    by: z.string(),
    as: z.string(),
    levels: z.array(z.string()),
    values: z.array(z.number()),
    /** Of all rows: what a missing, rare or unseen level has. Null where no row has the number. */
    other: z.number().nullable(),
  })
  .refine(({ levels, values }) => levels.length === values.length, 'one value a level is needed');

function summarise(values: Float64Array, statistic: Step['statistic']): number | null {
  switch (statistic) {
    case 'mean':
      return meanAndDeviation(values)?.mean ?? null;
    case 'deviation':
      return meanAndDeviation(values)?.deviation ?? null;
    case 'median':
      return quantiles(values, [0.5])?.[0] ?? null;
    default:
      return statistic satisfies never;
  }
}

/**
 * A number's mean, median or standard deviation among the training rows of a category's level. Column and category
 * stay as they are, so it stands before what turns them into something else. It reads no target.
 */
export const aggregate = defineEncode({
  schema,
  fitted: fittedSchema,
  without(step, gone) {
    if (gone.has(step.column) || gone.has(step.by)) gone.add(step.as);
    return gone.has(step.as) ? null : step;
  },
  check(step, scope) {
    scope.read(step.column, ['number']);
    scope.read(step.by, ['category']);
    scope.define(step.as, 'number');
  },
  fit({ column, by, as, statistic, minRows }, training) {
    const values = numbersOf(training, column);
    const { codes, levels: names } = categoryOf(training, by);
    const rowsOf = new Map<string, number[]>();
    for (const [row, code] of codes.entries()) {
      const level = names[code];
      if (level === undefined || !Number.isFinite(values[row])) continue;
      const rows = rowsOf.get(level) ?? [];
      rows.push(row);
      rowsOf.set(level, rows);
    }
    const known = [...rowsOf]
      .filter(([, rows]) => rows.length >= minRows)
      .sort(([left], [right]) => byCodeUnits(left, right));
    const found = known.map(
      ([, rows]) =>
        summarise(
          Float64Array.from(rows, (row) => values[row] as number),
          statistic,
        ) ?? 0,
    );
    const other = summarise(values, statistic);
    // Squares of values past 1e154 are infinite, and no JSON holds what was learned from them.
    if (![...found, other ?? 0].every(Number.isFinite))
      throw new RangeError(`'${as}' is of values too large to learn from; mask them in the rows`);
    return {
      step: 'aggregate' as const,
      by,
      as,
      levels: known.map(([level]) => level),
      values: found,
      other,
    };
  },
  operations({ by, as, levels, values, other }) {
    const byLevel = new Map(levels.map((level, index) => [level, values[index] as number]));
    const otherwise = other ?? Number.NaN;
    return [
      {
        op: 'category',
        from: by,
        as,
        apply: (value) => (value === null ? otherwise : (byLevel.get(value) ?? otherwise)),
      },
    ];
  },
});
