/**
 * Forward selection of features by cross-validated gains. Of many features that are worth nothing the best by chance
 * gains one or two standard errors, so the bar rises with how many there were to choose from: the chance that a feature
 * worth nothing is kept stays below `level` for the search as a whole (Bonferroni). They count whether or not they had
 * a trial, because which have one was decided on the same rows. What passes must gain again on other folds; the rows
 * are the same, so that guards against the luck of folds and fits, not against that of the rows.
 */
export const forwardRule = {
  level: 0.05,
  /** Standard errors that are needed in any case, and on other folds. */
  least: 2,
} as const;

/** Standard errors that a gain must exceed, of so many features to choose from. */
export function neededErrors(proposals: number): number {
  return Math.max(forwardRule.least, normalQuantile(1 - forwardRule.level / Math.max(1, proposals)));
}

export type Gain = { number: number; gain: number; standardError: number };

/** Trials whose gain exceeds so many of its standard errors, the largest gain first; of equal ones the lower number. */
export function passing<G extends Gain>(gains: readonly G[], needed: number): G[] {
  return gains
    .filter(({ gain, standardError }) => gain > 0 && gain > needed * standardError)
    .sort((a, b) => b.gain - a.gain || a.number - b.number);
}

/**
 * The value that a standard normal variable is below with this probability, to 1.2e-9 of itself.
 * Source: Acklam, An algorithm for computing the inverse normal cumulative distribution function, 2003.
 *
 * @param probability above 0 and below 1
 */
export function normalQuantile(probability: number): number {
  if (probability > 0.5) return -normalQuantile(1 - probability);
  if (probability >= 0.02425) {
    const q = probability - 0.5;
    const r = q * q;
    return (
      (q *
        polynomial(
          r,
          [
            -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
            2.506628277459239,
          ],
        )) /
      polynomial(
        r,
        [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1],
      )
    );
  }
  const q = Math.sqrt(-2 * Math.log(probability));
  return (
    polynomial(
      q,
      [
        -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
        2.938163982698783,
      ],
    ) / polynomial(q, [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1])
  );
}

/** Horner's scheme; the coefficient of the highest power first. */
const polynomial = (x: number, coefficients: readonly number[]): number =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
