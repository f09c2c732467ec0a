import { createRandom } from '../random.ts';
import type { Measure } from './measure.ts';

/** Metric → its value on each resample; NaN where the resample leaves it undefined. */
export type Resampled = ReadonlyMap<string, Float64Array>;

/**
 * One less than a multiple of 200, so that the usual percentiles are whole ranks of `resamples + 1`
 * (Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 5.2). With 1,999 the bounds of a 95 %
 * interval repeat from seed to seed to within about a twentieth of its width.
 */
const resamplesWanted = { most: 1_999, least: 399 } as const;
/** Bounds the cost on many rows, where fewer resamples do: about half a second for the metrics of a binary model. */
const mostRowsDrawn = 20_000_000;

export function resamplesFor(rows: number): number {
  const affordable = Math.floor(mostRowsDrawn / rows / 200) * 200 - 1;
  return Math.max(resamplesWanted.least, Math.min(resamplesWanted.most, affordable));
}

/**
 * Draws as many rows as there are, with replacement, again and again, and takes every measure of the same draw: what
 * the rows have in common cancels out of differences between measures.
 * @param onResample called before each resample with the number done; what it throws ends the work
 */
export function resample({
  rows,
  seed,
  measures,
  resamples = resamplesFor(rows),
  onResample = () => {},
}: {
  rows: number;
  seed: number;
  measures: readonly Measure[];
  resamples?: number | undefined;
  onResample?: ((done: number, of: number) => void) | undefined;
}): Resampled[] {
  const random = createRandom(seed);
  // Cheaper than `below`, and uneven by less than one part in 2³² ÷ rows.
  const scale = rows / 2 ** 32;
  const counts = new Int32Array(rows);
  const taken = measures.map((measure) => ({
    measure,
    values: new Map(
      Object.keys(measure()).map((name) => [name, new Float64Array(resamples).fill(Number.NaN)]),
    ),
  }));
  for (let done = 0; done < resamples; done++) {
    onResample(done, resamples);
    counts.fill(0);
    for (let drawn = 0; drawn < rows; drawn++) {
      const row = (random.uint32() * scale) | 0;
      counts[row] = (counts[row] as number) + 1;
    }
    for (const { measure, values } of taken) {
      for (const [name, value] of Object.entries(measure(counts))) {
        const of = values.get(name);
        if (of !== undefined && value !== null) of[done] = value;
      }
    }
  }
  return taken.map(({ values }) => values);
}
