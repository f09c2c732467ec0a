import { z } from 'zod';
import type { EncodeStep } from '../spec.ts';
import type { EncodeDefinition } from '../step.ts';
import { categoryOf } from './columns.ts';
import { countLevels, frequentLevels } from './statistics.ts';

type Step = Extract<EncodeStep, { step: 'oneHot' }>;

export const fittedOneHotSchema = z.strictObject({
  step: z.literal('oneHot'),
  columns: z.array(z.strictObject({ name: z.string(), levels: z.array(z.string()) })),
});

const other = 'other';

/**
 * `<column>=<level>` for each level kept and `<column>=other` for rarer and unseen ones (and for a level that is
 * called so itself). A missing value sets none of them.
 */
export const oneHot: EncodeDefinition<Step, z.infer<typeof fittedOneHotSchema>> = {
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
};
