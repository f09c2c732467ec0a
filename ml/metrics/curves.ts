import type { RankingSteps } from './ranking.ts';

/** A report draws the curves; more points than this cannot be seen and must not swell the payload. */
export const curvePoints = 200;
const calibrationBins = 10;

export type Curves = {
  /** From (0, 0) to (1, 1); empty with one class only. */
  roc: { falsePositiveRate: number; truePositiveRate: number; threshold: number | null }[];
  /** By rising recall; empty without positives. */
  precisionRecall: { recall: number; precision: number; threshold: number }[];
  /** Ten bins of equal width over [0, 1], those with rows only. */
  calibration: { from: number; to: number; meanPredicted: number; shareObserved: number; rows: number }[];
};

export function createCurves(
  steps: RankingSteps,
  rows: { target: Float64Array; predicted: Float64Array },
): Curves {
  const { positives, negatives } = steps;
  const at = sampledSteps(steps.scores.length);
  const point = (step: number) => ({
    hits: steps.truePositives[step] as number,
    alarms: steps.falsePositives[step] as number,
    threshold: steps.scores[step] as number,
  });
  const roc = at.map(point).map(({ hits, alarms, threshold }) => ({
    falsePositiveRate: alarms / negatives,
    truePositiveRate: hits / positives,
    threshold,
  }));
  const precisionRecall = at.map(point).map(({ hits, alarms, threshold }) => ({
    recall: hits / positives,
    precision: hits / (hits + alarms),
    threshold,
  }));
  return {
    roc:
      positives === 0 || negatives === 0
        ? []
        : [{ falsePositiveRate: 0, truePositiveRate: 0, threshold: null }, ...roc],
    precisionRecall: positives === 0 ? [] : precisionRecall,
    calibration: calibrationCurve(rows),
  };
}

/** Evenly spaced steps, the first and the last among them. */
function sampledSteps(steps: number): number[] {
  const points = Math.min(steps, curvePoints - 1);
  if (points <= 1) return points === 1 ? [steps - 1] : [];
  return Array.from({ length: points }, (_, i) => Math.round((i * (steps - 1)) / (points - 1)));
}

function calibrationCurve({
  target,
  predicted,
}: {
  target: Float64Array;
  predicted: Float64Array;
}): Curves['calibration'] {
  const bins = Array.from({ length: calibrationBins }, () => ({ rows: 0, predicted: 0, observed: 0 }));
  predicted.forEach((probability, row) => {
    const bin = bins[Math.min(calibrationBins - 1, Math.floor(probability * calibrationBins))];
    if (bin === undefined) return;
    bin.rows++;
    bin.predicted += probability;
    bin.observed += target[row] as number;
  });
  return bins.flatMap(({ rows, predicted: sum, observed }, i) =>
    rows === 0
      ? []
      : [
          {
            from: i / calibrationBins,
            to: (i + 1) / calibrationBins,
            meanPredicted: sum / rows,
            shareObserved: observed / rows,
            rows,
          },
        ],
  );
}
