import { type ClassScores, type ConfusionMatrix, classAverages, classScores } from './counts.ts';
import type { MetricFamily } from './family.ts';

type Averages = 'accuracy' | 'f1Macro' | 'f1Weighted';
type OfOneClass = 'precision' | 'recall' | 'f1' | 'precisionNegative' | 'recallNegative' | 'f1Negative';

/** Precision, recall and F1 are 0 where nothing is predicted or present; everything is null without rows. */
export const binaryDecisions = {
  of: 'decisions',
  tasks: ['binary'],
  better: {
    accuracy: 'higher',
    precision: 'higher',
    recall: 'higher',
    f1: 'higher',
    precisionNegative: 'higher',
    recallNegative: 'higher',
    f1Negative: 'higher',
    f1Macro: 'higher',
    f1Weighted: 'higher',
  },
  measure(confusion: ConfusionMatrix) {
    const scores = classScores(confusion);
    const [negative, positive] = scores;
    const averages = classAverages(confusion, scores);
    const score = (of: ClassScores | undefined, name: 'precision' | 'recall' | 'f1'): number | null =>
      averages === null || of === undefined ? null : of[name];
    return {
      accuracy: averages?.accuracy ?? null,
      precision: score(positive, 'precision'),
      recall: score(positive, 'recall'),
      f1: score(positive, 'f1'),
      precisionNegative: score(negative, 'precision'),
      recallNegative: score(negative, 'recall'),
      f1Negative: score(negative, 'f1'),
      f1Macro: averages?.f1Macro ?? null,
      f1Weighted: averages?.f1Weighted ?? null,
    };
  },
} satisfies MetricFamily<Averages | OfOneClass>;

export const multiclassDecisions = {
  of: 'decisions',
  tasks: ['multiclass'],
  better: { accuracy: 'higher', f1Macro: 'higher', f1Weighted: 'higher' },
  measure(confusion: ConfusionMatrix) {
    const averages = classAverages(confusion, classScores(confusion));
    return {
      accuracy: averages?.accuracy ?? null,
      f1Macro: averages?.f1Macro ?? null,
      f1Weighted: averages?.f1Weighted ?? null,
    };
  },
} satisfies MetricFamily<Averages>;
