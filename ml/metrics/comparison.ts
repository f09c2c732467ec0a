import { deriveSeed } from '../random.ts';
import { type Interval, minus, percentileInterval } from './intervals.ts';
import type { Measure } from './measure.ts';
import { resample } from './resample.ts';

/** Null where the rows leave the metric undefined, or a model's errors are past any number. */
export type PairedComparison = {
  challenger: number | null;
  production: number | null;
  /** Challenger minus production in units of the metric; null where one of the two, or too many resamples, have none. */
  difference: (Interval & { value: number }) | null;
};

/**
 * Two models on the same rows and the same resamples of them. The interval leaves out `level` of the resamples at each
 * end, so "worse" where it lies wholly on the worse side is a one-sided test at that level.
 */
export function comparePaired({
  rows,
  seed,
  metric,
  level,
  challenger,
  production,
  resamples,
  onResample,
}: {
  rows: number;
  seed: number;
  metric: string;
  level: number;
  challenger: Measure;
  production: Measure;
  resamples?: number;
  onResample?: (done: number, of: number) => void;
}): PairedComparison {
  const ours = challenger()[metric] ?? null;
  const theirs = production()[metric] ?? null;
  if (ours === null || theirs === null) return { challenger: ours, production: theirs, difference: null };
  const only =
    (measure: Measure): Measure =>
    (counts) => ({ [metric]: measure(counts)[metric] ?? null });
  const [of, to] = resample({
    rows,
    seed: deriveSeed(seed, 'comparison'),
    measures: [only(challenger), only(production)],
    resamples,
    onResample,
  }).map((values) => values.get(metric));
  const interval = of === undefined || to === undefined ? null : percentileInterval(minus(of, to), level);
  return {
    challenger: ours,
    production: theirs,
    difference: interval === null ? null : { value: ours - theirs, ...interval },
  };
}
