/** What a regression's target can be; null leaves a side open. */
export type TargetRange = { min: number | null; max: number | null };

/** A score from 1 to 5 is never answered as 5.3: predictions outside are moved to the nearest bound, in place. */
export function holdToRange(values: Float64Array, range: TargetRange | null): Float64Array {
  if (range === null) return values;
  const low = range.min ?? Number.NEGATIVE_INFINITY;
  const high = range.max ?? Number.POSITIVE_INFINITY;
  for (let i = 0; i < values.length; i++) values[i] = Math.min(high, Math.max(low, values[i] as number));
  return values;
}
