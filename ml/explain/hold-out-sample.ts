import { type Frame, selectRows, selectValues } from '../frame.ts';
import { createRandom, deriveSeed, sampleIndices } from '../random.ts';

/** Places of so many rows, or of all where there are fewer: for the same seed and purpose the same ones. */
export const sampleRows = (
  seed: number,
  { purpose, from, count }: { purpose: string; from: number; count: number },
) => sampleIndices({ from, count: Math.min(from, count) }, createRandom(deriveSeed(seed, purpose)));

/** Rows of a hold-out with their answers. */
export function sampleHoldOut(
  holdOut: { frame: Frame; target: Float64Array },
  seed: number,
): (purpose: string, count: number) => { frame: Frame; target: Float64Array } {
  return (purpose, count) => {
    const rows = sampleRows(seed, { purpose, from: holdOut.frame.rows, count });
    return { frame: selectRows(holdOut.frame, rows), target: selectValues(holdOut.target, rows) };
  };
}
