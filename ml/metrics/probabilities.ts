import type { MetricFamily } from './family.ts';
import { finiteOrNull, meanOf } from './measure.ts';
import { averagePrecision, rankRows, rocAuc } from './ranking.ts';

/** Log loss stays finite where a model is certain and wrong; scikit-learn clips at the same distance from 0 and 1. */
const certainty = 2 ** -52;

/** Null where undefined: rocAuc with one class only, prAuc without positives, everything without rows. */
export const binaryProbability: MetricFamily<'rocAuc' | 'prAuc' | 'logLoss' | 'brier'> = {
  of: 'probability',
  better: { rocAuc: 'higher', prAuc: 'higher', logLoss: 'lower', brier: 'lower' },
  prepare({ target, predicted }) {
    const rank = rankRows({ target, predicted });
    const logLoss = target.map((truth, row) => logLossOf(truth, predicted[row] as number));
    const squares = target.map((truth, row) => (truth - (predicted[row] as number)) ** 2);
    return (counts) => {
      const steps = rank(counts);
      return {
        rocAuc: rocAuc(steps),
        prAuc: averagePrecision(steps),
        logLoss: finiteOrNull(meanOf(logLoss, counts)),
        brier: finiteOrNull(meanOf(squares, counts)),
      };
    };
  },
};

export const multiclassProbabilities: MetricFamily<'logLoss'> = {
  of: 'probabilities',
  better: { logLoss: 'lower' },
  prepare({ target, predicted, classes }) {
    const logLoss = target.map((truth, row) => logLossOf(1, predicted[row * classes + truth] as number));
    return (counts) => ({ logLoss: finiteOrNull(meanOf(logLoss, counts)) });
  },
};

function logLossOf(truth: number, probability: number): number {
  const clipped = Math.min(1 - certainty, Math.max(certainty, probability));
  return -(truth * Math.log(clipped) + (1 - truth) * Math.log(1 - clipped));
}
