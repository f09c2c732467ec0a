import { type ClassScores, type ConfusionMatrix, classScores } from './counts.ts';

type Averages = { precision: number; recall: number; f1: number };

/** As scikit-learn's `classification_report`: each class, then the classes averaged evenly and by their rows. */
export type ClassificationReport = {
  rows: number;
  accuracy: number;
  classes: ({ class: string } & ClassScores)[];
  macro: Averages;
  weighted: Averages;
};

/** Null without rows. A class that is neither there nor predicted counts with zeros. */
export function classificationReport(
  classes: readonly string[],
  confusion: ConfusionMatrix,
): ClassificationReport | null {
  const scores = classScores(confusion);
  const rows = scores.reduce((sum, { support }) => sum + support, 0);
  if (rows === 0) return null;
  const hits = confusion.reduce((sum, line, label) => sum + (line[label] ?? 0), 0);
  const averaged = (weightOf: (score: ClassScores) => number): Averages => {
    const mean = (of: keyof Averages) => scores.reduce((sum, score) => sum + score[of] * weightOf(score), 0);
    return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
  };
  return {
    rows,
    accuracy: hits / rows,
    classes: scores.map((score, label) => ({ class: classes[label] ?? String(label), ...score })),
    macro: averaged(() => 1 / scores.length),
    weighted: averaged(({ support }) => support / rows),
  };
}
