import { z } from 'zod';
import { columnSelector } from '../column-name.ts';
import { defineEncode, type Training } from '../step.ts';
import { categoryOf, numbersOf, withoutColumns } from './columns.ts';
import { countLevels, frequentLevels, meanAndDeviation, mode, quantiles } from './statistics.ts';

const schema = z.strictObject({
  step: z.literal('impute'),
  columns: columnSelector,
  strategy: z.enum(['mean', 'median', 'mode', 'constant']),
  /** Needed by `constant`. */
  value: z.union([z.number(), z.string()]).optional(),
  /** Adds `<column>_missing`, 1 where the value was filled. */
  indicator: z.boolean().default(false),
});
type Step = z.infer<typeof schema>;

const fittedSchema = z.strictObject({
  step: z.literal('impute'),
  indicator: z.boolean(),
  columns: z.array(z.strictObject({ name: z.string(), value: z.union([z.number(), z.string()]) })),
});

const indicatorName = (column: string) => `${column}_missing`;

/** A column never observed is filled with 0. */
function numberFill(values: Float64Array, step: Step): number {
  switch (step.strategy) {
    case 'mean':
      return meanAndDeviation(values)?.mean ?? 0;
    case 'median':
      return quantiles(values, [0.5])?.[0] ?? 0;
    case 'mode':
      return mode(values) ?? 0;
    case 'constant':
      return typeof step.value === 'number' ? step.value + 0 : 0;
    default:
      return step.strategy satisfies never;
  }
}

/** A column never observed is filled with `missing`. */
function categoryFill(column: { codes: Int32Array; levels: readonly string[] }, step: Step): string {
  if (step.strategy === 'constant') return String(step.value);
  return frequentLevels(countLevels(column), 1)[0] ?? 'missing';
}

function fill(training: Training, name: string, step: Step): string | number {
  return training.column(name).kind === 'category'
    ? categoryFill(categoryOf(training, name), step)
    : numberFill(numbersOf(training, name), step);
}

/** Fills what is missing; a level that is merely unseen is no missing value and stays. */
export const impute = defineEncode({
  schema,
  fitted: fittedSchema,
  without: (step, gone) =>
    withoutColumns(step, gone, (column) => (step.indicator ? [indicatorName(column)] : [])),
  check(step, scope) {
    const both = step.strategy === 'mode' || step.strategy === 'constant';
    const columns = scope.select(step.columns, both ? ['number', 'category'] : ['number']);
    if (step.strategy === 'constant' && step.value === undefined) {
      scope.report("strategy 'constant' needs a value");
    }
    if (step.strategy !== 'constant' && step.value !== undefined) {
      scope.report(`strategy '${step.strategy}' takes no value`);
    }
    for (const column of columns) {
      if (step.value !== undefined)
        scope.read(column, [typeof step.value === 'number' ? 'number' : 'category']);
      if (step.indicator) scope.define(indicatorName(column), 'number');
    }
  },
  fit: (step, training) => ({
    step: 'impute',
    indicator: step.indicator,
    columns: training.select(step.columns).map((name) => ({ name, value: fill(training, name, step) })),
  }),
  operations: ({ columns, indicator }) =>
    columns.flatMap(({ name, value }) => [
      ...(indicator ? [{ op: 'missing' as const, from: name, as: indicatorName(name) }] : []),
      { op: 'fill' as const, column: name, value },
    ]),
});
