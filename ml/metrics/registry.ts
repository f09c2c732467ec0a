import type { Task } from '../learner.ts';
import { balancedAccuracy } from './balanced-accuracy.ts';
import { clusterQuality, stability } from './clustering.ts';
import { binaryDecisions, multiclassDecisions } from './decisions.ts';
import type { Better, MetricFamily } from './family.ts';
import { matthewsCorrelation } from './matthews-correlation.ts';
import { medianAbsoluteError } from './median-absolute-error.ts';
import { binaryProbability, multiclassProbabilities } from './probabilities.ts';
import { regression } from './regression.ts';

/** In this order a task's metrics are listed everywhere. */
export const metricFamilies: readonly MetricFamily[] = [
  regression,
  medianAbsoluteError,
  binaryDecisions,
  binaryProbability,
  multiclassDecisions,
  multiclassProbabilities,
  matthewsCorrelation,
  balancedAccuracy,
  clusterQuality,
  stability,
];

function tasksOf(family: MetricFamily): readonly Task[] {
  switch (family.of) {
    case 'decisions':
      return family.tasks;
    case 'values':
      return ['regression'];
    case 'probability':
      return ['binary'];
    case 'probabilities':
      return ['multiclass'];
    case 'clusters':
    case 'refits':
      return ['clustering'];
    default:
      return family satisfies never;
  }
}

export const familiesOf = (task: Task): readonly MetricFamily[] =>
  metricFamilies.filter((family) => tasksOf(family).includes(task));

/** The metrics that an evaluation of the task answers. */
export const metricNames = (task: Task): readonly string[] =>
  familiesOf(task).flatMap(({ better }) => Object.keys(better));

/** By metric, of whatever task. */
export const betterOf: ReadonlyMap<string, Better> = new Map(
  metricFamilies.flatMap(({ better }) => Object.entries(better)),
);

/** A pipeline's own scores are no metrics: of them more is better. */
export const isLowerBetter = (metric: string): boolean => betterOf.get(metric) === 'lower';

/** The metric so that higher is better: errors are negated. */
export const oriented = (metric: string, value: number): number => (isLowerBetter(metric) ? -value : value);
