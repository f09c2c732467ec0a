import type { Artifact, GoldenRow } from '../../ml/artifact.ts';
import type { Task } from '../../ml/learner.ts';
import { findLearner, fitToEnd } from '../../ml/learners/registry.ts';
import { type Instance, rowsToFrame } from '../../ml/recipe/instances.ts';
import type { LookupTable } from '../../ml/recipe/lookups.ts';
import { fitTransform } from '../../ml/recipe/recipe.ts';
import { recipeSpecSchema } from '../../ml/recipe/spec.ts';
import { createScorer } from '../../ml/scorer.ts';

const spec = recipeSpecSchema.parse({
  inputs: [
    { name: 'price', kind: 'number' },
    { name: 'state', kind: 'category' },
    { name: 'seller', kind: 'category' },
    { name: 'bought', kind: 'timestamp' },
  ],
  lookups: [{ name: 'sellers/é', key: 'seller', values: { 'mean score': null, orders: 0 } }],
  features: [
    { step: 'take', column: 'price' },
    { step: 'take', column: 'state' },
    { step: 'datePart', column: 'bought', part: 'weekday', as: 'weekday' },
    { step: 'lookup', lookup: 'sellers/é', value: 'orders', as: 'sellerOrders' },
  ],
  encode: [
    { step: 'impute', columns: 'numbers', strategy: 'median' },
    { step: 'scale', columns: 'numbers', method: 'standard' },
    { step: 'oneHot', columns: ['state'] },
  ],
});

export const sellers: LookupTable = {
  name: 'sellers/é',
  keys: ['s0', 's1', 's2'],
  values: { orders: Float64Array.of(5, 1, 9), 'mean score': Float64Array.of(4, Number.NaN, 1) },
};

export const instances: readonly Instance[] = Array.from({ length: 60 }, (_, row) => ({
  price: row % 7 === 0 ? null : (row * 37) % 101,
  state: ['SP', 'RJ', null][row % 3],
  seller: `s${row % 4}`,
  bought: `2018-02-${String((row % 28) + 1).padStart(2, '0')} 10:00:00`,
}));

/** A small trained model, so that tests hold the whole way from rows to scores. */
export function trainArtifact(options: {
  task: Task;
  learner: string;
  classes?: readonly string[];
  params?: Readonly<Record<string, unknown>>;
}): Artifact {
  const { task, classes = null } = options;
  const frame = rowsToFrame(instances, spec.inputs);
  const target = Float64Array.from(instances, (_, row) =>
    classes === null ? ((row * 37) % 101) / 10 : Math.floor(((row * 37) % 101) / (101 / classes.length)),
  );
  const { fitted, blocks } = fitTransform({ spec, frame, lookups: [sellers], target, seed: 7 });
  const learner = findLearner(options.learner);
  const training = { task, blocks, target, classes: classes?.length ?? 0, seed: 7 };
  const model = fitToEnd(learner, training, options.params);
  const artifact: Artifact = {
    format: 1,
    task,
    classes,
    threshold: task === 'binary' ? 0.4 : null,
    range: null,
    moment: 'delivered',
    recipe: fitted,
    lookups: [sellers],
    learner: { name: learner.name, head: model.head },
    sections: model.sections,
    baseline: { outputs: [0.5] },
    goldenRows: [],
  };
  const scorer = createScorer(artifact);
  const goldenRows = goldenInstances.map(
    (instance): GoldenRow => ({
      instance,
      score: [...scorer.scoreInstances([instance])],
    }),
  );
  return { ...artifact, goldenRows };
}

const goldenInstances: readonly GoldenRow['instance'][] = [
  { price: 12.5, state: 'SP', seller: 's1', bought: '2018-02-03T10:00:00Z' },
  { price: null, state: 'unseen', seller: 's9' },
];
