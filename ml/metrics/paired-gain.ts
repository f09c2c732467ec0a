import { deriveSeed } from '../random.ts';
import { sampleVariance } from '../sample.ts';
import { minus } from './intervals.ts';
import type { Measure } from './measure.ts';
import { resample } from './resample.ts';

/** In units of the metric. Null where the rows leave the metric undefined for one of the two. */
export type PairedGain = { gain: number; standardError: number } | null;

/** The standard error needs fewer resamples than the bounds of an interval. */
const resamples = 399;

/**
 * What a model adds to another on the same rows, with its standard error: the greater of two. The bootstrap's over rows
 * misses that the rows of a fold were predicted by one fit, whose own luck they share; the spread between the folds has
 * that, but of five folds it is known poorly.
 *
 * @param foldOf the fold of each row
 */
export function pairedGain({
  seed,
  metric,
  foldOf,
  ours,
  theirs,
  onResample,
}: {
  seed: number;
  metric: string;
  foldOf: Int32Array;
  ours: Measure;
  theirs: Measure;
  onResample?: () => void;
}): PairedGain {
  const of = (measure: Measure, counts?: Int32Array): number => measure(counts)[metric] ?? Number.NaN;
  const gain = of(ours) - of(theirs);
  if (!Number.isFinite(gain)) return null;
  const only =
    (measure: Measure): Measure =>
    (counts) => ({ [metric]: measure(counts)[metric] ?? null });
  const [left, right] = resample({
    rows: foldOf.length,
    seed: deriveSeed(seed, 'gain'),
    measures: [only(ours), only(theirs)],
    resamples,
    onResample,
  }).map((values) => values.get(metric));
  const ofResamples =
    left === undefined || right === undefined ? [] : [...minus(left, right)].filter(Number.isFinite);
  const folds = [...new Set(foldOf)].sort((a, b) => a - b);
  const ofFolds = folds
    .map((fold) => {
      const counts = foldOf.map((own) => (own === fold ? 1 : 0));
      return of(ours, counts) - of(theirs, counts);
    })
    .filter(Number.isFinite);
  return {
    gain,
    standardError: Math.max(
      deviationOf(ofResamples),
      deviationOf(ofFolds) / Math.sqrt(Math.max(1, ofFolds.length)),
    ),
  };
}

/** Of a sample, in its units; 0 of fewer than two values. */
const deviationOf = (values: readonly number[]): number =>
  values.length < 2 ? 0 : Math.sqrt(sampleVariance(values));
