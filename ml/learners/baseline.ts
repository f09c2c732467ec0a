import { z } from 'zod';
import { NotExplainable } from '../explain/explainer.ts';
import type { Learner, Task } from '../learner.ts';
import { checkTrainingSet, rowWeights } from './training-rows.ts';

const paramsSchema = z.strictObject({
  /**
   * Of numbers `mean` or `median`, of classes `prior` (their shares) or `mostFrequent`, of equally frequent ones the
   * first. Default: `mean` or `prior`, the answers of least squared error and of least log loss.
   */
  strategy: z.enum(['mean', 'median', 'prior', 'mostFrequent']).optional(),
});
type Strategy = NonNullable<z.infer<typeof paramsSchema>['strategy']>;

const headSchema = z.strictObject({ outputs: z.array(z.number()).min(1) });

/** What a model must beat: one answer for every row, and one cluster of them all. */
export const baseline: Learner<z.infer<typeof paramsSchema>> = {
  name: 'baseline',
  tasks: ['regression', 'binary', 'multiclass', 'clustering'],
  reads: ['dense', 'codes', 'sparse'],
  params: paramsSchema,

  *fit(training, params) {
    checkTrainingSet(training);
    const { task, target, classes } = training;
    if (task === 'clustering') return { head: { outputs: [0] }, sections: {} };
    const strategy = strategyOf(task, params.strategy);
    const weights = rowWeights(training);
    yield { done: 1, total: 1 };
    if (strategy === 'median') return { head: { outputs: [weightedMedian(target, weights)] }, sections: {} };
    const sums = new Float64Array(task === 'multiclass' ? classes : 1);
    let total = 0;
    target.forEach((value, row) => {
      const weight = weights[row] as number;
      total += weight;
      if (task === 'multiclass') sums[value] = (sums[value] as number) + weight;
      else sums[0] = (sums[0] as number) + weight * value;
    });
    const means = [...sums].map((sum) => sum / total);
    const outputs = strategy === 'mostFrequent' ? certain(means) : means;
    return { head: { outputs }, sections: {} };
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

/** @throws RangeError for one of another task */
function strategyOf(task: Task, strategy: Strategy | undefined): Strategy {
  const [usual, other]: [Strategy, Strategy] =
    task === 'regression' ? ['mean', 'median'] : ['prior', 'mostFrequent'];
  if (strategy === undefined || strategy === usual || strategy === other) return strategy ?? usual;
  throw new RangeError(`strategy ${strategy} is not for ${task}; there are ${usual} and ${other}`);
}

/** The value in the middle; the mean of two where half of the weight lies on either side. */
function weightedMedian(values: Float64Array, weights: Float64Array): number {
  const order = Int32Array.from(values, (_, row) => row)
    .filter((row) => (weights[row] as number) > 0)
    .sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);
  const half = order.reduce((sum, row) => sum + (weights[row] as number), 0) / 2;
  let below = 0;
  for (const [place, row] of order.entries()) {
    below += weights[row] as number;
    const value = values[row] as number;
    if (below > half) return value;
    if (below === half) return (value + (values[order[place + 1] ?? row] as number)) / 2;
  }
  return values[order.at(-1) ?? 0] as number;
}

/** Probability 1 for the most frequent class. A single share is that of class 1 of two. */
function certain(shares: readonly number[]): number[] {
  const [share = 0] = shares;
  if (shares.length === 1) return [share > 0.5 ? 1 : 0];
  const most = shares.indexOf(Math.max(...shares));
  return shares.map((_, k) => (k === most ? 1 : 0));
}
