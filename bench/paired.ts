import { mean, sampleVariance } from '../ml/sample.ts';

export type Paired = { mean: number; standardError: number };

/** Mean of the differences and its standard error (sample deviation over √n). */
export function pairedDifference(ours: readonly number[], theirs: readonly number[]): Paired {
  if (ours.length !== theirs.length || ours.length < 2)
    throw new RangeError(
      `pairs of ${ours.length} and ${theirs.length} values; two or more of each are needed`,
    );
  const differences = ours.map((value, index) => value - (theirs[index] ?? Number.NaN));
  return {
    mean: mean(differences),
    standardError: Math.sqrt(sampleVariance(differences) / differences.length),
  };
}

/** Of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const ascending = values.toSorted((a, b) => a - b);
  const middle = ascending.length >> 1;
  const upper = ascending[middle] ?? Number.NaN;
  return ascending.length % 2 === 1 ? upper : ((ascending[middle - 1] ?? upper) + upper) / 2;
}

/** Both to four digits, such as `+0.0012 ± 0.0008`. */
export const shownPaired = ({ mean: difference, standardError }: Paired): string =>
  `${signed(difference)} ± ${standardError.toFixed(4)}`;

export const signed = (value: number): string => `${value >= 0 ? '+' : ''}${value.toFixed(4)}`;
