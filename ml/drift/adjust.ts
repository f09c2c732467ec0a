/**
 * p-values that allow for how many they are: of the tests whose adjusted value is at most `q`, a share of `q` at most is
 * expected to be chance (Benjamini and Hochberg, 1995).
 * @returns in the order given
 */
export function adjustForMany(pValues: readonly number[]): number[] {
  const falling = pValues.map((pValue, place) => ({ pValue, place })).sort((a, b) => b.pValue - a.pValue);
  const adjusted = new Array<number>(pValues.length);
  let least = 1;
  for (const [index, { pValue, place }] of falling.entries()) {
    least = Math.min(least, (pValue * pValues.length) / (pValues.length - index));
    adjusted[place] = least;
  }
  return adjusted;
}
