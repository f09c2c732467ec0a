/** How the outputs of a model become a class. */
export type DecisionRule = {
  /** Binary: the positive class is decided from this probability on. */
  threshold: number | null;
  /**
   * More classes: the one is decided whose probability times its weight is the greatest, so that a rare class is decided
   * before its probability is. Absent: all weigh the same.
   */
  decisionWeights?: readonly number[] | undefined;
};

/** The index of the class that the probabilities from `start` on mean; of equal ones the first. */
export function decideClass(
  probabilities: ArrayLike<number>,
  {
    start,
    classes,
    decisionWeights,
  }: { start: number; classes: number } & Pick<DecisionRule, 'decisionWeights'>,
): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < classes; k++) {
    const worth = (probabilities[start + k] as number) * (decisionWeights?.[k] ?? 1);
    if (worth <= most) continue;
    most = worth;
    best = k;
  }
  return best;
}
