import { z } from 'zod';
import { columnSelector } from '../column-name.ts';
import { defineEncode } from '../step.ts';
import { categoryOf, withoutColumns } from './columns.ts';
import { countLevels, frequentLevels } from './statistics.ts';

const schema = z.strictObject({
  step: z.literal('oneHot'),
  columns: columnSelector,
  /** Less frequent levels share `<column>=other`, which also stands for unseen ones. */
  maxLevels: z.int().min(1).max(1000).default(50),
});

const fittedSchema = z.strictObject({
  step: z.literal('oneHot'),
  columns: z.array(z.strictObject({ name: z.string(), levels: z.array(z.string()) })),
});

const other = 'other';

/**
 * `<column>=<level>` for each level kept and `<column>=other` for rarer and unseen ones (and for a level that is
 * called so itself). A missing value sets none of them.
 */
export const oneHot = defineEncode({
  schema,
  fitted: fittedSchema,
  without: withoutColumns,
  check(step, scope) {
    for (const column of scope.select(step.columns, ['category'])) scope.remove(column);
  },
  fit: (step, training) => ({
    step: 'oneHot',
    columns: training.select(step.columns).map((name) => {
      const counts = countLevels(categoryOf(training, name));
      counts.delete(other);
      return { name, levels: frequentLevels(counts, step.maxLevels) };
    }),
  }),
  operations: ({ columns }) =>
    columns.map(({ name, levels }) => {
      const slots = new Map(levels.map((level, slot) => [level, slot]));
      return {
        op: 'expand',
        from: name,
        names: [...levels, other].map((level) => `${name}=${level}`),
        slotOf: (value) => (value === null ? -1 : (slots.get(value) ?? levels.length)),
      };
    }),
});
