import { requireSameLength } from './counts.ts';
import { type Counts, type Measure, meanOf, varianceOf } from './measure.ts';

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

type RegressionRows = { target: Float64Array; predicted: Float64Array };

/** @throws RangeError when the lengths differ */
export const regressionMetrics = (rows: RegressionRows): RegressionMetrics => regressionMeasure(rows)();

/** @throws RangeError when the lengths differ */
export function regressionMeasure({ target, predicted }: RegressionRows): Measure<RegressionMetrics> {
  requireSameLength(target, predicted);
  const errors = target.map((value, row) => value - (predicted[row] as number));
  const squares = errors.map((error) => error * error);
  const absolute = errors.map(Math.abs);
  const withTarget = Int32Array.from(target.keys()).filter((row) => target[row] !== 0);
  const relative = Float64Array.from(withTarget, (row) =>
    Math.abs((errors[row] as number) / (target[row] as number)),
  );
  return (counts) => {
    const mse = meanOf(squares, counts);
    const relativeCounts = counts && withTarget.map((row) => counts[row] as number);
    return {
      r2: isConstant(target, counts) ? null : finite(1 - mse / varianceOf(target, counts)),
      mse: finite(mse),
      rmse: finite(Math.sqrt(mse)),
      mae: finite(meanOf(absolute, counts)),
      mape: finite(meanOf(relative, relativeCounts)),
    };
  };
}

function isConstant(target: Float64Array, counts?: Counts): boolean {
  let only: number | undefined;
  for (let row = 0; row < target.length; row++) {
    if (counts?.[row] === 0) continue;
    if (only !== undefined && target[row] !== only) return false;
    only = target[row];
  }
  return true;
}

/** Overflow of a sum is as undefined as a division by zero. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
