import { createRandom, deriveSeed } from '../random.ts';
import { quantiles } from '../recipe/encode/statistics.ts';
import type { GeneratedStep } from '../recipe/spec.ts';
import type { TableColumn } from '../recipe/step.ts';

const bins = 16;
/** Rows that the bounds of the bins are taken from. */
const rowsForBounds = 2_000;
/** Rows of weight that pull the mean of a bin to zero: of few rows it says little. */
const shrinkage = 20;

/**
 * Features in the order in which they are worth a trial: by the share of the squares of a model's errors that each
 * alone explains, in bins and as a straight line, learned on one half of the rows and measured on the other, and the
 * other way round. Of a ratio and its reciprocal only the better stays.
 *
 * @param residuals for each output of the model, what came true minus what it said out of fold
 */
export function* rankProposals({
  proposals,
  columnOf,
  residuals,
  seed,
}: {
  proposals: readonly GeneratedStep[];
  columnOf: (step: GeneratedStep) => TableColumn;
  residuals: readonly Float64Array[];
  seed: number;
}): Generator<number, GeneratedStep[], void> {
  const rows = residuals[0]?.length ?? 0;
  const random = createRandom(deriveSeed(seed, 'halves'));
  const half = Uint8Array.from({ length: rows }, () => random.below(2));
  const scored: { step: GeneratedStep; score: number }[] = [];
  for (const [index, step] of proposals.entries()) {
    yield index;
    const column = columnOf(step);
    const groups = groupsOf(column);
    const numbers = column.kind === 'number' ? column.values : null;
    const score = residuals.reduce((sum, errors) => {
      const ofLine = numbers === null ? 0 : lineShare(numbers, errors, half);
      return sum + binShare(groups, errors, half) + ofLine;
    }, 0);
    scored.push({ step, score });
  }
  scored.sort((a, b) => b.score - a.score);
  const ratios = new Set<string>();
  return scored.flatMap(({ step }): GeneratedStep[] => {
    if (step.step !== 'ratio') return [step];
    const pair = JSON.stringify([step.numerator, step.denominator].sort());
    if (ratios.has(pair)) return [];
    ratios.add(pair);
    return [step];
  });
}

type Groups = { of: Int32Array; count: number };

/** Levels, or sixteenths of the values; what is missing is a group of its own. */
function groupsOf(column: TableColumn): Groups {
  switch (column.kind) {
    case 'number':
    case 'timestamp':
      return binsOf(column.values);
    case 'category':
    case 'codes': {
      const count = column.levels.length + 1;
      return { of: column.codes.map((code) => (code < 0 ? count - 1 : code)), count };
    }
    case 'text':
      return { of: new Int32Array(column.values.length), count: 1 };
    default:
      return column satisfies never;
  }
}

function binsOf(values: Float64Array): Groups {
  const stride = Math.max(1, Math.floor(values.length / rowsForBounds));
  const sample = values.filter((_, row) => row % stride === 0);
  const shares = Array.from({ length: bins - 1 }, (_, i) => (i + 1) / bins);
  const bounds = Float64Array.from(new Set(quantiles(sample, shares) ?? []));
  const of = new Int32Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    let bin = 0;
    while (bin < bounds.length && value > (bounds[bin] as number)) bin += 1;
    of[row] = Number.isNaN(value) ? bounds.length + 1 : bin;
  }
  return { of, count: bounds.length + 2 };
}

function binShare({ of, count }: Groups, errors: Float64Array, half: Uint8Array): number {
  const sums = [new Float64Array(count), new Float64Array(count)];
  const sizes = [new Float64Array(count), new Float64Array(count)];
  for (let row = 0; row < errors.length; row++) {
    const [side, group] = [half[row] as number, of[row] as number];
    const [sum, size] = [sums[side] as Float64Array, sizes[side] as Float64Array];
    sum[group] = (sum[group] as number) + (errors[row] as number);
    size[group] = (size[group] as number) + 1;
  }
  const means = sums.map((sum, side) =>
    sum.map((total, group) => total / ((sizes[side]?.[group] as number) + shrinkage)),
  );
  return explainedShare(errors, (row) => means[1 - (half[row] as number)]?.[of[row] as number] as number);
}

function lineShare(values: Float64Array, errors: Float64Array, half: Uint8Array): number {
  const lines = [0, 1].map((side) => {
    const inside = (row: number) => half[row] === side && Number.isFinite(values[row]);
    let [size, sum, spread, together] = [0, 0, 0, 0];
    for (let row = 0; row < values.length; row++) {
      if (!inside(row)) continue;
      size += 1;
      sum += values[row] as number;
    }
    const centre = size === 0 ? 0 : sum / size;
    for (let row = 0; row < values.length; row++) {
      if (!inside(row)) continue;
      const distance = (values[row] as number) - centre;
      spread += distance * distance;
      together += distance * (errors[row] as number);
    }
    const slope = together / spread;
    return Number.isFinite(slope) ? { centre, slope } : { centre: 0, slope: 0 };
  });
  return explainedShare(errors, (row) => {
    const { centre, slope } = lines[1 - (half[row] as number)] ?? { centre: 0, slope: 0 };
    const value = values[row] as number;
    return Number.isFinite(value) ? slope * (value - centre) : 0;
  });
}

/** Negative where what was learned on one half does harm on the other. */
function explainedShare(errors: Float64Array, said: (row: number) => number): number {
  let total = 0;
  let left = 0;
  for (let row = 0; row < errors.length; row++) {
    const error = errors[row] as number;
    total += error * error;
    left += (error - said(row)) ** 2;
  }
  return total === 0 ? 0 : 1 - left / total;
}
