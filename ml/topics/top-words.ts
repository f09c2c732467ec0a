/** The numbers of a topic's heaviest terms, the heaviest first; of equal ones the first in the vocabulary. */
export function topTerms(words: Float64Array, of: { topics: number; count: number }): number[][] {
  const terms = words.length / of.topics;
  return Array.from({ length: of.topics }, (_, topic) => {
    const own = words.subarray(topic * terms, (topic + 1) * terms);
    return heaviest(own, of.count);
  });
}

function heaviest(weights: Float64Array, count: number): number[] {
  const order = Array.from(weights.keys()).filter((term) => (weights[term] as number) > 0);
  order.sort((left, right) => (weights[right] as number) - (weights[left] as number) || left - right);
  return order.slice(0, count);
}

/** How much of a term's rank is its weight in the topic, and not how much more of it there is than elsewhere. */
const weightShare = 0.6;

/**
 * Terms that tell a topic from the others, by their relevance (Sievert and Shirley, 2014): the weight in the topic,
 * and by how much it exceeds that over all documents, in logarithms.
 * @param overall weight of each term over all documents, in sum 1
 */
export function tellingTerms(
  words: Float64Array,
  of: { topics: number; count: number; overall: Float64Array },
): number[][] {
  const { topics, overall } = of;
  const terms = words.length / topics;
  const relevance = words.map((weight, place) => {
    if (weight === 0) return 0;
    const lift = Math.log(weight / (overall[place % terms] as number));
    // Moved up, so that 0 is below all that a topic has.
    return Math.exp(weightShare * Math.log(weight) + (1 - weightShare) * lift);
  });
  return topTerms(relevance, of);
}
