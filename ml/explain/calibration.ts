/** Rows whose prediction lies in [from, to]: their mean prediction, and the mean of what came true. */
export type CalibrationBin = { from: number; to: number; rows: number; predicted: number; observed: number };

export type Calibration = {
  bins: readonly CalibrationBin[];
  /**
   * Probabilities: the mean over the rows of |observed share − mean prediction| of their bin (Naeini, Cooper and
   * Hauskrecht, 2015). Null for values.
   */
  expectedCalibrationError: number | null;
};

const binCount = 10;

/** Probabilities by tenths of [0, 1]; a bin without rows is left out. Target: 1 where the positive class came true. */
export function probabilityCalibration(target: Float64Array, predicted: Float64Array): Calibration {
  const binOf = (probability: number) => Math.min(binCount - 1, Math.floor(probability * binCount));
  const members = Array.from({ length: binCount }, (): number[] => []);
  predicted.forEach((probability, row) => {
    members[binOf(probability)]?.push(row);
  });
  const bins = members.flatMap((rows, bin) =>
    rows.length === 0
      ? []
      : [{ from: bin / binCount, to: (bin + 1) / binCount, ...meansOf(rows, target, predicted) }],
  );
  const error = bins.reduce((sum, bin) => sum + bin.rows * Math.abs(bin.observed - bin.predicted), 0);
  return { bins, expectedCalibrationError: predicted.length === 0 ? null : error / predicted.length };
}

/** Values by tenths of the rows in the order of their predictions; equal predictions share a bin. */
export function valueCalibration(target: Float64Array, predicted: Float64Array): Calibration {
  const order = Array.from(predicted, (_, row) => row).sort(
    (a, b) => (predicted[a] as number) - (predicted[b] as number) || a - b,
  );
  const bins: CalibrationBin[] = [];
  let start = 0;
  for (let bin = 1; bin <= binCount && start < order.length; bin++) {
    let end = Math.max(start + 1, Math.round((bin * order.length) / binCount));
    const last = predicted[order[end - 1] as number];
    while (end < order.length && predicted[order[end] as number] === last) end++;
    const rows = order.slice(start, end);
    const from = predicted[rows[0] as number] as number;
    bins.push({ from, to: last as number, ...meansOf(rows, target, predicted) });
    start = end;
  }
  return { bins, expectedCalibrationError: null };
}

function meansOf(rows: readonly number[], target: Float64Array, predicted: Float64Array) {
  const mean = (values: Float64Array) =>
    rows.reduce((sum, row) => sum + (values[row] as number), 0) / rows.length;
  return { rows: rows.length, predicted: mean(predicted), observed: mean(target) };
}
