import { z } from 'zod';
import type { EncodeStep } from '../spec.ts';
import type { EncodeDefinition } from '../step.ts';
import { categoryOf } from './columns.ts';
import { countLevels, frequentLevels } from './statistics.ts';

type Step = Extract<EncodeStep, { step: 'codes' }>;

export const fittedCodesSchema = z.strictObject({
  step: z.literal('codes'),
  columns: z.array(z.strictObject({ name: z.string(), levels: z.array(z.string()) })),
});

/** Moves categories into the codes block. Missing, rarer and unseen levels are −1. */
export const codes: EncodeDefinition<Step, z.infer<typeof fittedCodesSchema>> = {
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
};
