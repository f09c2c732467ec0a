import { z } from 'zod';
import { columnSelector } from '../column-name.ts';
import { defineEncode } from '../step.ts';
import { categoryOf, withoutColumns } from './columns.ts';
import { frequentLevels } from './statistics.ts';
import {
  assignFolds,
  type Category,
  meansOfRowsBefore,
  meansOutOfFold,
  shuffleRows,
  smoothedMean,
  sumByLevel,
} from './target-means.ts';

const schema = z.strictObject({
  step: z.literal('targetEncode'),
  columns: columnSelector,
  smoothing: z.number().nonnegative().default(20),
  /** A training row's mean is that of the other folds. */
  folds: z.int().min(2).max(20).default(5),
  /** In place of folds: the mean of the rows before it in so many random orders, each in a column of its own. */
  permutations: z.int().min(1).max(8).optional(),
});
type Step = z.infer<typeof schema>;

const fittedSchema = z.strictObject({
  step: z.literal('targetEncode'),
  /** As many columns as orders, which differ on training rows only; absent: one. */
  permutations: z.int().min(1).optional(),
  columns: z.array(
    z
      .strictObject({
        name: z.string(),
        levels: z.array(z.string()),
        values: z.array(z.number()),
        missing: z.number(),
        unseen: z.number(),
      })
      .refine(({ levels, values }) => levels.length === values.length, 'one value a level is needed'),
  ),
});

/** What the step makes of a category. */
const targetColumns = ({ permutations = 1 }: Pick<Step, 'permutations'>, column: string): string[] =>
  permutations === 1
    ? [`${column}_target`]
    : Array.from({ length: permutations }, (_, order) => `${column}_target_${order + 1}`);

/**
 * Replaces a category by `<column>_target`, for regression and binary targets: the mean of class indices means
 * nothing where there are more than two. Missing is a level of its own; an unseen level gets the global mean.
 * On training rows the means come from the other folds, or from the rows before in a random order, else each row would
 * read its own target.
 */
export const targetEncode = defineEncode({
  schema,
  fitted: fittedSchema,
  without: (step, gone) => withoutColumns(step, gone, (column) => targetColumns(step, column)),
  check(step, scope) {
    for (const column of scope.select(step.columns, ['category'])) {
      scope.remove(column);
      for (const name of targetColumns(step, column)) scope.define(name, 'number');
    }
  },
  fit(step, training) {
    const target = targetOf(training.target);
    const columns = training.select(step.columns).map((name) => {
      const category = uniqueLevels(categoryOf(training, name));
      const means = sumByLevel(category, target, () => true);
      const mean = (slot: number) => smoothedMean(means, slot, step.smoothing);
      const slots = new Map(category.levels.map((level, slot) => [level, slot]));
      const seen = category.levels.filter((_, slot) => (means.count[slot] as number) > 0);
      const levels = frequentLevels(new Map(seen.map((level) => [level, 1])), seen.length);
      return {
        name,
        levels,
        values: levels.map((level) => mean(slots.get(level) ?? -1)),
        missing: mean(category.levels.length),
        unseen: means.allCount === 0 ? 0 : means.allTotal / means.allCount + 0,
      };
    });
    const { permutations } = step;
    return { step: 'targetEncode', ...(permutations === undefined ? {} : { permutations }), columns };
  },
  operations: ({ columns, ...step }) =>
    columns.flatMap(({ name, levels, values, missing, unseen }) => {
      const byLevel = new Map(levels.map((level, index) => [level, values[index] as number]));
      return [
        ...targetColumns(step, name).map((as) => ({
          op: 'category' as const,
          from: name,
          as,
          apply: (value: string | null) => (value === null ? missing : (byLevel.get(value) ?? unseen)),
        })),
        { op: 'drop' as const, columns: [name] },
      ];
    }),
  outOfFold(step, fitted, training) {
    const target = targetOf(training.target);
    const orders = Array.from({ length: step.permutations ?? 0 }, (_, order) => shuffleRows(training, order));
    const foldOf = assignFolds(training, step.folds);
    return fitted.columns.flatMap(({ name }) => {
      const category = uniqueLevels(categoryOf(training, name));
      return targetColumns(step, name).map((column, i) => {
        const order = orders[i];
        const values =
          order === undefined
            ? meansOutOfFold(category, target, { foldOf, ...step })
            : meansOfRowsBefore(category, target, { order, ...step });
        return { name: column, values };
      });
    });
  },
});

function targetOf(target: Float64Array | undefined): Float64Array {
  if (target === undefined) throw new TypeError('needs a target: it learns from the value to be predicted');
  return target;
}

/** Levels that a frame lists twice are one level. */
function uniqueLevels(category: Category): Category {
  const levels = [...new Set(category.levels)];
  if (levels.length === category.levels.length) return category;
  const codeOf = new Map(levels.map((level, code) => [level, code]));
  const codes = category.codes.map((code) => codeOf.get(category.levels[code] ?? '') ?? -1);
  return { codes, levels };
}
