import type { SparseBlock } from '../blocks.ts';
import type { Progress } from '../learner.ts';
import { createRandom } from '../random.ts';

export type NmfOptions = { topics: number; seed: number; maxRounds?: number };

/** Rounds between two looks at the divergence, and the share of the first one that these rounds must gain to go on. */
const roundsPerLook = 10;
const tolerance = 1e-4;

/** Documents × topics, and terms × topics: what one entry of the table reads lies together. */
type Factors = { topics: number; ofDocuments: Float64Array; ofTerms: Float64Array };

/**
 * Non-negative matrix factorisation that minimises the generalised Kullback-Leibler divergence, by the multiplicative
 * updates of Lee and Seung (2001). Only entries that are not zero are read: of the others the divergence knows the sum.
 *
 * @param weights above 0; a row of `offsets` is a document, a name a term
 * @returns topics × terms, row-major; each topic's terms sum to 1
 */
export function* fitNmf(weights: SparseBlock, options: NmfOptions): Generator<Progress, Float64Array, void> {
  const { topics, seed, maxRounds = 200 } = options;
  const terms = weights.names.length;
  const random = createRandom(seed);
  const factors: Factors = {
    topics,
    ofDocuments: new Float64Array((weights.offsets.length - 1) * topics).map(() => 0.5 + random.uniform()),
    ofTerms: new Float64Array(terms * topics).map(() => 0.5 + random.uniform()),
  };
  let first: number | undefined;
  let before = Number.POSITIVE_INFINITY;
  for (let round = 1; round <= maxRounds; round++) {
    const divergence = update(weights, factors);
    first ??= divergence;
    yield { done: round, total: maxRounds };
    if (round % roundsPerLook !== 0) continue;
    if (before - divergence < tolerance * Math.abs(first)) break;
    before = divergence;
  }
  return transpose(factors.ofTerms, topics);
}

/**
 * Both factors by the quotients of the same products, with terms scaled to sum to 1 a topic: then the updates are those
 * of expectation maximisation for a mixture (Ding, Li and Peng, 2008), and no round makes the divergence larger.
 * @returns the divergence before, up to a constant
 */
function update({ offsets, indices, values }: SparseBlock, factors: Factors): number {
  const { topics, ofDocuments, ofTerms } = factors;
  const nextOfTerms = new Float64Array(ofTerms.length);
  const ofDocument = new Float64Array(topics);
  const products = new Float64Array(topics);
  let divergence = 0;
  for (let document = 0; document < offsets.length - 1; document++) {
    const own = document * topics;
    const end = offsets[document + 1] as number;
    ofDocument.fill(0);
    for (let entry = offsets[document] as number; entry < end; entry++) {
      const term = (indices[entry] as number) * topics;
      let sum = 0;
      for (let k = 0; k < topics; k++) {
        const product = (ofDocuments[own + k] as number) * (ofTerms[term + k] as number);
        products[k] = product;
        sum += product;
      }
      const weight = values[entry] as number;
      divergence -= weight * Math.log(sum);
      const quotient = weight / sum;
      for (let k = 0; k < topics; k++) {
        const share = (products[k] as number) * quotient;
        (ofDocument[k] as number) += share;
        (nextOfTerms[term + k] as number) += share;
      }
    }
    ofDocuments.set(ofDocument, own);
  }
  const sums = new Float64Array(topics);
  for (let at = 0; at < nextOfTerms.length; at++) (sums[at % topics] as number) += nextOfTerms[at] as number;
  for (let at = 0; at < nextOfTerms.length; at++) {
    const sum = sums[at % topics] as number;
    ofTerms[at] = sum === 0 ? 0 : (nextOfTerms[at] as number) / sum;
  }
  return divergence;
}

function transpose(ofTerms: Float64Array, topics: number): Float64Array {
  const terms = ofTerms.length / topics;
  const turned = new Float64Array(ofTerms.length);
  for (let term = 0; term < terms; term++)
    for (let topic = 0; topic < topics; topic++)
      turned[topic * terms + term] = ofTerms[term * topics + topic] as number;
  return turned;
}
