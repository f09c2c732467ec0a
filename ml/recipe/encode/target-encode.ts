import { z } from 'zod';
import { createRandom, deriveSeed, shuffle } from '../../random.ts';
import type { EncodeStep } from '../spec.ts';
import type { EncodeDefinition } from '../step.ts';
import { categoryOf } from './columns.ts';
import { frequentLevels } from './statistics.ts';

type Step = Extract<EncodeStep, { step: 'targetEncode' }>;

export const fittedTargetEncodeSchema = z.strictObject({
  step: z.literal('targetEncode'),
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

const encodedName = (column: string) => `${column}_target`;

type Means = { total: Float64Array; count: Float64Array; allTotal: number; allCount: number };
type Category = { codes: Int32Array; levels: readonly string[] };

/** Sums by level over the rows that `counts` admits; the slot after the last level is that of missing values. */
function sumByLevel(category: Category, target: Float64Array, counts: (row: number) => boolean): Means {
  const total = new Float64Array(category.levels.length + 1);
  const count = new Float64Array(category.levels.length + 1);
  let allTotal = 0;
  let allCount = 0;
  for (let row = 0; row < category.codes.length; row++) {
    if (!counts(row)) continue;
    const code = category.codes[row] as number;
    const slot = code < 0 ? category.levels.length : code;
    const value = target[row] as number;
    total[slot] = (total[slot] as number) + value;
    count[slot] = (count[slot] as number) + 1;
    allTotal += value;
    allCount += 1;
  }
  return { total, count, allTotal, allCount };
}

/** The mean of a level pulled towards the global one by `smoothing` rows of weight. */
function smoothedMean(means: Means, slot: number, smoothing: number): number {
  const overall = means.allCount === 0 ? 0 : means.allTotal / means.allCount;
  const weight = (means.count[slot] as number) + smoothing;
  return weight === 0 ? overall : ((means.total[slot] as number) + smoothing * overall) / weight + 0;
}

/**
 * Replaces a category by `<column>_target`, for regression and binary targets: the mean of class indices means
 * nothing where there are more than two. Missing is a level of its own; an unseen level gets the global mean.
 * On training rows the means come from the other folds, else each row would read its own target.
 */
export const targetEncode: EncodeDefinition<Step, z.infer<typeof fittedTargetEncodeSchema>> = {
  check(step, scope) {
    for (const column of scope.select(step.columns, ['category'])) {
      scope.remove(column);
      scope.define(encodedName(column), 'number');
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
    return { step: 'targetEncode', columns };
  },
  operations: ({ columns }) =>
    columns.flatMap(({ name, levels, values, missing, unseen }) => {
      const byLevel = new Map(levels.map((level, index) => [level, values[index] as number]));
      return [
        {
          op: 'category' as const,
          from: name,
          as: encodedName(name),
          apply: (value: string | null) => (value === null ? missing : (byLevel.get(value) ?? unseen)),
        },
        { op: 'drop' as const, columns: [name] },
      ];
    }),
  outOfFold(step, fitted, training) {
    const target = targetOf(training.target);
    const foldOf = assignFolds(training.rows, step.folds, training.seed);
    return fitted.columns.map(({ name }) => {
      const category = uniqueLevels(categoryOf(training, name));
      const values = new Float64Array(training.rows);
      for (let fold = 0; fold < step.folds; fold++) {
        const means = sumByLevel(category, target, (row) => foldOf[row] !== fold);
        for (const [row, code] of category.codes.entries()) {
          if (foldOf[row] !== fold) continue;
          values[row] = smoothedMean(means, code < 0 ? category.levels.length : code, step.smoothing);
        }
      }
      return { name: encodedName(name), values };
    });
  },
};

function targetOf(target: Float64Array | undefined): Float64Array {
  if (target === undefined) throw new TypeError('needs a target: it learns from the value to be predicted');
  return target;
}

/** Folds of equal size, give or take one row. */
function assignFolds(rows: number, folds: number, seed: number): Int32Array {
  const foldOf = Int32Array.from({ length: rows }, (_, row) => row % folds);
  return shuffle(foldOf, createRandom(deriveSeed(seed, 'targetEncode')));
}

/** Levels that a frame lists twice are one level. */
function uniqueLevels(category: Category): Category {
  const levels = [...new Set(category.levels)];
  if (levels.length === category.levels.length) return category;
  const codeOf = new Map(levels.map((level, code) => [level, code]));
  const codes = category.codes.map((code) => codeOf.get(category.levels[code] ?? '') ?? -1);
  return { codes, levels };
}
