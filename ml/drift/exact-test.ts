/** `having` of so many. */
export type Share = { having: number; of: number };

export const shareOf = ({ having, of }: Share): number => having / of;

/**
 * Whether two groups may have the same share of something: Fisher's exact test with twice the smaller tail, at most 1.
 * Exact for groups of any size and shares near 0, where approximations by the normal distribution take a word that
 * occurs twice for a sensation.
 */
export function exactTest(before: Share, now: Share): number {
  const having = before.having + now.having;
  const all = before.of + now.of;
  const least = Math.max(0, having - before.of);
  const most = Math.min(having, now.of);
  const at = Math.exp(
    logChoose(having, now.having) + logChoose(all - having, now.of - now.having) - logChoose(all, now.of),
  );
  /** Of the probability of `k` to that of one more. */
  const ratio = (k: number): number =>
    ((having - k) * (now.of - k)) / ((k + 1) * (all - having - now.of + k + 1));
  const isAbove = now.having * all >= having * now.of;
  let tail = at;
  let term = at;
  if (isAbove)
    for (let k = now.having; k < most && term > tail * negligible; k++) {
      term *= ratio(k);
      tail += term;
    }
  else
    for (let k = now.having; k > least && term > tail * negligible; k--) {
      term /= ratio(k - 1);
      tail += term;
    }
  return Math.min(1, 2 * tail);
}

/** Terms of a tail fall ever faster, so what is left weighs no more. */
const negligible = 1e-17;

const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

const table = new Float64Array(256);
for (let n = 2; n < table.length; n++) table[n] = (table[n - 1] as number) + Math.log(n);

/** From 256 on by Stirling's series, whose first term left out is below 1e-15 there. */
function logFactorial(n: number): number {
  if (n < table.length) return table[n] as number;
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * n) - 1 / (360 * n ** 3);
}

/**
 * How far two shares are apart in standard errors, as the normal distribution has it: cheap, and enough to pass over
 * what is no news.
 */
export function standardErrorsApart(before: Share, now: Share): number {
  const pooled = (before.having + now.having) / (before.of + now.of);
  const variance = pooled * (1 - pooled) * (1 / before.of + 1 / now.of);
  return variance === 0 ? 0 : (shareOf(now) - shareOf(before)) / Math.sqrt(variance);
}
