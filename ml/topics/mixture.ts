/** Terms of one document, ascending, with how often each is there or what it weighs. */
export type DocumentTerms = { indices: Int32Array; values: Float64Array };

const maxRounds = 200;
const tolerance = 1e-8;

/**
 * Topics of a document under fixed words: the proportions at which each word's shares of the topics add up to the
 * proportions again (the fold-in of Hofmann, 1999). With a Dirichlet prior it is that of LDA; without one it is the
 * factor of a document that minimises the Kullback-Leibler divergence. Draws nothing: the same text has the same topics.
 *
 * @param model.words topics × terms, row-major; each row sums to 1
 * @returns proportions that sum to 1; all 0 where no topic has any of the terms and there is no prior
 */
export function mixtureOf(
  { indices, values }: DocumentTerms,
  model: { words: Float64Array; topics: number; documentPrior: number },
): Float64Array {
  const { words, topics, documentPrior } = model;
  const terms = words.length / topics;
  let mixture = new Float64Array(topics).fill(1 / topics);
  const shares = new Float64Array(topics);
  for (let round = 0; round < maxRounds; round++) {
    const next = new Float64Array(topics).fill(documentPrior);
    for (let entry = 0; entry < indices.length; entry++) {
      const term = indices[entry] as number;
      let sum = 0;
      for (let topic = 0; topic < topics; topic++) {
        const share = (mixture[topic] as number) * (words[topic * terms + term] as number);
        shares[topic] = share;
        sum += share;
      }
      // A term that no topic has any more.
      if (sum === 0) continue;
      const scale = (values[entry] as number) / sum;
      for (let topic = 0; topic < topics; topic++)
        (next[topic] as number) += (shares[topic] as number) * scale;
    }
    const total = next.reduce((sum, share) => sum + share, 0);
    if (total === 0) return next;
    let moved = 0;
    for (let topic = 0; topic < topics; topic++) {
      const proportion = (next[topic] as number) / total;
      moved = Math.max(moved, Math.abs(proportion - (mixture[topic] as number)));
      next[topic] = proportion;
    }
    mixture = next;
    if (moved < tolerance) break;
  }
  return mixture;
}
