import type { Counts } from './measure.ts';

/** Rows by truth (lines) and prediction (columns). */
export type ConfusionMatrix = number[][];

export function requireSameLength(target: Float64Array, predicted: Float64Array): void {
  if (target.length !== predicted.length) {
    throw new RangeError(`${target.length} targets, but ${predicted.length} predictions`);
  }
}

type ClassRows = { target: Float64Array; predicted: Float64Array };

export const confusionMatrix = (rows: ClassRows, classes: number): ConfusionMatrix =>
  countCells(rows, classes)();

/**
 * Finds each row's cell once; the answer counts the rows of a resample.
 * @throws RangeError for lengths that differ, and naming a row whose class is none
 */
export function countCells(
  { target, predicted }: ClassRows,
  classes: number,
): (counts?: Counts) => ConfusionMatrix {
  requireSameLength(target, predicted);
  const isClass = (label: number) => Number.isInteger(label) && label >= 0 && label < classes;
  const cells = Int32Array.from(target, (truth, row) => {
    const guess = predicted[row] as number;
    if (isClass(truth) && isClass(guess)) return truth * classes + guess;
    throw new RangeError(
      `row ${row} has class ${truth}, predicted ${guess}; the classes are 0 to ${classes - 1}`,
    );
  });
  return (counts) => {
    const totals = new Float64Array(classes * classes);
    for (let row = 0; row < cells.length; row++) {
      const cell = cells[row] as number;
      totals[cell] = (totals[cell] as number) + (counts === undefined ? 1 : (counts[row] as number));
    }
    return Array.from({ length: classes }, (_, truth) => [
      ...totals.subarray(truth * classes, (truth + 1) * classes),
    ]);
  };
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
