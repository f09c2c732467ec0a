import { requireSameLength } from './counts.ts';
import type { MetricFamily, ValueRows, Values } from './family.ts';
import { type Counts, finiteOrNull, type Measure, meanOf, varianceOf } from './measure.ts';

type Name = 'r2' | 'mse' | 'rmse' | 'mae' | 'mape';

/**
 * A metric that the rows leave undefined is null: r2 where the target is constant, mape where every target is 0,
 * everything where there are no rows. `mape` is a share, not per cent; rows whose target is 0 have no relative error
 * and do not count.
 */
export const regression = {
  of: 'values',
  better: { r2: 'higher', mse: 'lower', rmse: 'lower', mae: 'lower', mape: 'lower' },
  prepare,
} satisfies MetricFamily<Name>;

/** @throws RangeError when the lengths differ */
function prepare({ target, predicted }: ValueRows): Measure<Values<Name>> {
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
      r2: isConstant(target, counts) ? null : finiteOrNull(1 - mse / varianceOf(target, counts)),
      mse: finiteOrNull(mse),
      rmse: finiteOrNull(Math.sqrt(mse)),
      mae: finiteOrNull(meanOf(absolute, counts)),
      mape: finiteOrNull(meanOf(relative, relativeCounts)),
    };
  };
}

export const regressionMetrics = (rows: ValueRows): Values<Name> => prepare(rows)();

function isConstant(target: Float64Array, counts?: Counts): boolean {
  let only: number | undefined;
  for (let row = 0; row < target.length; row++) {
    if (counts?.[row] === 0) continue;
    if (only !== undefined && target[row] !== only) return false;
    only = target[row];
  }
  return true;
}
