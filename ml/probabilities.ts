/** Turns the scores of one row into probabilities; returns the logarithm of the sum of their exponentials. */
export function softmaxInPlace(values: Float64Array, start: number, classes: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < classes; k++) largest = Math.max(largest, values[start + k] as number);
  let sum = 0;
  for (let k = 0; k < classes; k++) {
    const odds = Math.exp((values[start + k] as number) - largest);
    values[start + k] = odds;
    sum += odds;
  }
  for (let k = 0; k < classes; k++) values[start + k] = (values[start + k] as number) / sum;
  return largest + Math.log(sum);
}
