import { z } from 'zod';
import type { Learner } from '../learner.ts';
import { checkTrainingSet, rowWeights } from './training-rows.ts';

const paramsSchema = z.strictObject({});
const headSchema = z.strictObject({ outputs: z.array(z.number()).min(1) });

/** What a model must beat: the mean (regression), the share of class 1 (binary), the shares of all classes. */
export const baseline: Learner<z.infer<typeof paramsSchema>> = {
  name: 'baseline',
  tasks: ['regression', 'binary', 'multiclass'],
  reads: ['dense', 'codes', 'sparse'],
  params: paramsSchema,

  *fit(training) {
    checkTrainingSet(training);
    const { task, target, classes } = training;
    const weights = rowWeights(training);
    const sums = new Float64Array(task === 'multiclass' ? classes : 1);
    let total = 0;
    target.forEach((value, row) => {
      const weight = weights[row] as number;
      total += weight;
      if (task === 'multiclass') sums[value] = (sums[value] as number) + weight;
      else sums[0] = (sums[0] as number) + weight * value;
    });
    yield { done: 1, total: 1 };
    return { head: { outputs: [...sums].map((sum) => sum / total) }, sections: {} };
  },

  load({ head }) {
    const { outputs } = headSchema.parse(head);
    return {
      predict: ({ rows }) =>
        Float64Array.from({ length: rows * outputs.length }, (_, i) => outputs[i % outputs.length] as number),
    };
  },

  importances: () => [],
};
