import { z } from 'zod';
import { NotExplainable } from '../explain/explainer.ts';
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

  /** It reads nothing of a row. */
  explainer({ head }, task) {
    const [baseValue, ...others] = headSchema.parse(head).outputs;
    if (baseValue === undefined || others.length > 0) {
      throw new NotExplainable(`explanations are of one output; the baseline has ${others.length + 1}`);
    }
    return {
      space: task === 'binary' ? 'probability' : 'value',
      baseValue,
      contributions: ({ rows, dense, codes }) =>
        new Float64Array(rows * (dense.names.length + codes.names.length)),
    };
  },

  importances: () => [],
};
