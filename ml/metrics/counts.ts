/** Rows by truth (lines) and prediction (columns). */
export type ConfusionMatrix = number[][];

export function requireSameLength(target: Float64Array, predicted: Float64Array): void {
  if (target.length !== predicted.length) {
    throw new RangeError(`${target.length} targets, but ${predicted.length} predictions`);
  }
}

export function confusionMatrix(
  { target, predicted }: { target: Float64Array; predicted: Float64Array },
  classes: number,
): ConfusionMatrix {
  requireSameLength(target, predicted);
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  target.forEach((truth, row) => {
    const line = matrix[truth];
    const guess = predicted[row] as number;
    const count = line?.[guess];
    if (line === undefined || count === undefined) {
      throw new RangeError(
        `row ${row} has class ${truth}, predicted ${guess}; the classes are 0 to ${classes - 1}`,
      );
    }
    line[guess] = count + 1;
  });
  return matrix;
}

export type ClassScores = {
  /** 0 where the class is never predicted: scikit-learn's `zero_division=0`. */
  precision: number;
  /** 0 where the class never occurs. */
  recall: number;
  f1: number;
  /** Rows that are of the class. */
  support: number;
};

export function classScores(matrix: ConfusionMatrix): ClassScores[] {
  return matrix.map((line, label) => {
    const hits = line[label] ?? 0;
    const support = line.reduce((sum, count) => sum + count, 0);
    const guesses = matrix.reduce((sum, other) => sum + (other[label] ?? 0), 0);
    return {
      precision: guesses === 0 ? 0 : hits / guesses,
      recall: support === 0 ? 0 : hits / support,
      f1: support + guesses === 0 ? 0 : (2 * hits) / (support + guesses),
      support,
    };
  });
}

export type ClassAverages = { accuracy: number; f1Macro: number; f1Weighted: number };

/** Averages over the classes that occur or are predicted, as scikit-learn takes them; null without rows. */
export function classAverages(matrix: ConfusionMatrix, scores: readonly ClassScores[]): ClassAverages | null {
  const rows = scores.reduce((sum, { support }) => sum + support, 0);
  if (rows === 0) return null;
  const hits = matrix.reduce((sum, line, label) => sum + (line[label] ?? 0), 0);
  const present = scores.filter(
    ({ support }, label) => support > 0 || matrix.some((line) => (line[label] ?? 0) > 0),
  );
  return {
    accuracy: hits / rows,
    f1Macro: present.reduce((sum, { f1 }) => sum + f1, 0) / present.length,
    f1Weighted: scores.reduce((sum, { f1, support }) => sum + f1 * support, 0) / rows,
  };
}
