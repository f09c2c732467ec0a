import { z } from 'zod';
import { columnSelector } from '../column-name.ts';
import { defineEncode } from '../step.ts';
import { categoryOf, withoutColumns } from './columns.ts';
import { countLevels, frequentLevels } from './statistics.ts';

const schema = z.strictObject({
  step: z.literal('codes'),
  columns: columnSelector,
  /** Unseen and rarer levels become missing. */
  maxLevels: z.int().min(1).max(250).default(250),
});

const fittedSchema = z.strictObject({
  step: z.literal('codes'),
  columns: z.array(z.strictObject({ name: z.string(), levels: z.array(z.string()) })),
});

/** Moves categories into the codes block. Missing, rarer and unseen levels are −1. */
export const codes = defineEncode({
  schema,
  fitted: fittedSchema,
  without: withoutColumns,
  check(step, scope) {
    for (const column of scope.select(step.columns, ['category'])) {
      scope.remove(column);
      scope.define(column, 'codes');
    }
  },
  fit: (step, training) => ({
    step: 'codes',
    columns: training.select(step.columns).map((name) => ({
      name,
      levels: frequentLevels(countLevels(categoryOf(training, name)), step.maxLevels),
    })),
  }),
  operations: ({ columns }) => columns.map(({ name, levels }) => ({ op: 'codes', from: name, levels })),
});
