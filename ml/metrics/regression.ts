import { requireSameLength } from './counts.ts';

/**
 * A metric that the rows leave undefined is null, never NaN: r2 where the target is constant, mape where every
 * target is 0, everything where there are no rows.
 */
export type RegressionMetrics = {
  r2: number | null;
  mse: number | null;
  rmse: number | null;
  mae: number | null;
  /** A share, not per cent; rows whose target is 0 have no relative error and do not count. */
  mape: number | null;
};

/** @throws RangeError when the lengths differ */
export function regressionMetrics({
  target,
  predicted,
}: {
  target: Float64Array;
  predicted: Float64Array;
}): RegressionMetrics {
  requireSameLength(target, predicted);
  const rows = target.length;
  if (rows === 0) return { r2: null, mse: null, rmse: null, mae: null, mape: null };
  const mean = target.reduce((sum, value) => sum + value, 0) / rows;
  let squares = 0;
  let spread = 0;
  let absolute = 0;
  let relative = 0;
  let relativeRows = 0;
  for (let row = 0; row < rows; row++) {
    const value = target[row] as number;
    const error = value - (predicted[row] as number);
    squares += error * error;
    absolute += Math.abs(error);
    spread += (value - mean) ** 2;
    if (value !== 0) {
      relative += Math.abs(error / value);
      relativeRows++;
    }
  }
  const isConstant = target.every((value) => value === target[0]);
  return {
    r2: isConstant ? null : finite(1 - squares / spread),
    mse: finite(squares / rows),
    rmse: finite(Math.sqrt(squares / rows)),
    mae: finite(absolute / rows),
    mape: relativeRows === 0 ? null : finite(relative / relativeRows),
  };
}

/** Overflow of a sum is as undefined as a division by zero. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
