import type { FittedModel, Learner, TrainingSet } from '../learner.ts';
import { adaBoost } from './ada-boost.ts';
import { baseline } from './baseline.ts';
import { boostedForest } from './boosted-forest.ts';
import { decisionTree } from './decision-tree.ts';
import { gradientBoosting } from './gradient-boosting.ts';
import { kmeans } from './kmeans.ts';
import { linear } from './linear.ts';
import { logistic } from './logistic.ts';
import { multilayerPerceptron } from './multilayer-perceptron.ts';
import { nearestNeighbours } from './nearest-neighbours.ts';
import { randomForest } from './random-forest.ts';

const all: readonly Learner[] = [
  baseline,
  linear,
  logistic,
  nearestNeighbours,
  multilayerPerceptron,
  decisionTree,
  randomForest,
  boostedForest,
  adaBoost,
  gradientBoosting,
  kmeans,
];

export const learners: ReadonlyMap<string, Learner> = new Map(all.map((learner) => [learner.name, learner]));

/** @throws RangeError listing the known names */
export function findLearner(name: string): Learner {
  const found = learners.get(name);
  if (found === undefined) {
    throw new RangeError(`no learner is called ${name}; there are ${[...learners.keys()].join(', ')}`);
  }
  return found;
}

/** Runs a fit to its end, for callers that have no reason to stop. */
export function fitToEnd(learner: Learner, training: TrainingSet, params: unknown = {}): FittedModel {
  const fitting = learner.fit(training, learner.params.parse(params));
  for (;;) {
    const step = fitting.next();
    if (step.done === true) return step.value;
  }
}
