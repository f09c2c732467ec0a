/** What steps learn from number columns. Missing and infinite values are left out; sums run in row order. */

/** A copy: callers sort it. */
function observed(values: Float64Array): Float64Array {
  const seen = new Float64Array(values.length);
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    if (Number.isFinite(value)) seen[count++] = value;
  }
  return seen.subarray(0, count);
}

/** JSON has no negative zero, and a fitted value must survive a round trip to the bit. */
const settled = (value: number): number => value + 0;

/** Null where nothing was observed. The standard deviation is the population's, as in scikit-learn's scaler. */
export function meanAndDeviation(values: Float64Array): { mean: number; deviation: number } | null {
  const seen = observed(values);
  if (seen.length === 0) return null;
  let total = 0;
  for (const value of seen) total += value;
  const mean = total / seen.length;
  let squares = 0;
  for (const value of seen) squares += (value - mean) ** 2;
  return { mean: settled(mean), deviation: Math.sqrt(squares / seen.length) };
}

export function range(values: Float64Array): { min: number; max: number } | null {
  const seen = observed(values);
  if (seen.length === 0) return null;
  let min = Infinity;
  let max = -Infinity;
  for (const value of seen) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min: settled(min), max: settled(max) };
}

/** Linear between order statistics, as numpy's default. `shares` in [0, 1]; null where nothing was observed. */
export function quantiles(values: Float64Array, shares: readonly number[]): readonly number[] | null {
  const sorted = observed(values).sort();
  if (sorted.length === 0) return null;
  return shares.map((share) => {
    const position = share * (sorted.length - 1);
    const below = Math.floor(position);
    const low = sorted[below] as number;
    const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
    return settled(low + (high - low) * (position - below));
  });
}

/** The most frequent value; of several, the smallest. */
export function mode(values: Float64Array): number | null {
  const sorted = observed(values).sort();
  let best: number | null = null;
  let bestCount = 0;
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    while (end < sorted.length && sorted[end] === sorted[start]) end += 1;
    if (end - start > bestCount) {
      best = settled(sorted[start] as number);
      bestCount = end - start;
    }
  }
  return best;
}

/** Counts by level name, for levels that occur. A frame's order of levels carries no meaning, so names decide. */
export function countLevels(column: { codes: Int32Array; levels: readonly string[] }): Map<string, number> {
  const counts = new Int32Array(column.levels.length);
  for (const code of column.codes) if (code >= 0) counts[code] = (counts[code] as number) + 1;
  const byName = new Map<string, number>();
  for (const [code, level] of column.levels.entries()) {
    const count = counts[code] as number;
    if (count > 0) byName.set(level, (byName.get(level) ?? 0) + count);
  }
  return byName;
}

export const byCodeUnits = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);

/** The most frequent levels, of equal ones the first by name; returned in the order of names. */
export function frequentLevels(counts: ReadonlyMap<string, number>, limit: number): string[] {
  return [...counts]
    .sort((left, right) => right[1] - left[1] || byCodeUnits(left[0], right[0]))
    .slice(0, limit)
    .map(([level]) => level)
    .sort(byCodeUnits);
}
