import type { SparseBlock } from '../blocks.ts';
import type { Progress } from '../learner.ts';
import { createRandom } from '../random.ts';

type NmfOptions = { topics: number; seed: number; maxRounds?: number };

/** Rounds between two looks at the divergence, and by how much a unit of weight must gain in them, in nats, to go on. */
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
  const { topics, seed, maxRounds = 120 } = options;
  const terms = weights.names.length;
  const random = createRandom(seed);
  const factors: Factors = {
    topics,
    ofDocuments: new Float64Array((weights.offsets.length - 1) * topics).map(() => 0.5 + random.uniform()),
    ofTerms: new Float64Array(terms * topics).map(() => 0.5 + random.uniform()),
  };
  const total = weights.values.reduce((sum, weight) => sum + weight, 0);
  let before = Number.POSITIVE_INFINITY;
  for (let round = 1; round <= maxRounds; round++) {
    update(weights, factors);
    yield { done: round, total: maxRounds };
    if (round % roundsPerLook !== 0) continue;
    const divergence = divergenceOf(weights, factors);
    if (before - divergence < tolerance * total) break;
    before = divergence;
  }
  return transpose(factors.ofTerms, topics);
}

/**
 * Both factors by the quotients of the same products, with terms scaled to sum to 1 a topic: then the updates are those
 * of expectation maximisation for a mixture (Ding, Li and Peng, 2008), and no round makes the divergence larger.
 */
function update({ offsets, indices, values }: SparseBlock, factors: Factors): void {
  const { topics, ofDocuments, ofTerms } = factors;
  const quotients = new Float64Array(ofTerms.length);
  const ofDocument = new Float64Array(topics);
  for (let document = 0; document < offsets.length - 1; document++) {
    const own = document * topics;
    const end = offsets[document + 1] as number;
    ofDocument.fill(0);
    for (let entry = offsets[document] as number; entry < end; entry++) {
      const term = (indices[entry] as number) * topics;
      let sum = 0;
      for (let k = 0; k < topics; k++)
        sum += (ofDocuments[own + k] as number) * (ofTerms[term + k] as number);
      const quotient = (values[entry] as number) / sum;
      for (let k = 0; k < topics; k++) {
        (ofDocument[k] as number) += (ofTerms[term + k] as number) * quotient;
        (quotients[term + k] as number) += (ofDocuments[own + k] as number) * quotient;
      }
    }
    for (let k = 0; k < topics; k++) (ofDocuments[own + k] as number) *= ofDocument[k] as number;
  }
  scaleTerms(ofTerms, quotients, topics);
}

/** Each term by its quotient, and each topic's to sum to 1. */
function scaleTerms(ofTerms: Float64Array, quotients: Float64Array, topics: number): void {
  const sums = new Float64Array(topics);
  for (let at = 0; at < ofTerms.length; at += topics) {
    for (let k = 0; k < topics; k++) {
      (ofTerms[at + k] as number) *= quotients[at + k] as number;
      (sums[k] as number) += ofTerms[at + k] as number;
    }
  }
  const scales = sums.map((sum) => (sum === 0 ? 0 : 1 / sum));
  for (let at = 0; at < ofTerms.length; at += topics)
    for (let k = 0; k < topics; k++) (ofTerms[at + k] as number) *= scales[k] as number;
}

/** Up to a constant. Logarithms cost as much as an update's products, so it is not taken every round. */
function divergenceOf({ offsets, indices, values }: SparseBlock, factors: Factors): number {
  const { topics, ofDocuments, ofTerms } = factors;
  let divergence = 0;
  for (let document = 0; document < offsets.length - 1; document++) {
    const own = document * topics;
    const end = offsets[document + 1] as number;
    for (let entry = offsets[document] as number; entry < end; entry++) {
      const term = (indices[entry] as number) * topics;
      let sum = 0;
      for (let k = 0; k < topics; k++)
        sum += (ofDocuments[own + k] as number) * (ofTerms[term + k] as number);
      divergence -= (values[entry] as number) * Math.log(sum);
    }
    for (let k = 0; k < topics; k++) divergence += ofDocuments[own + k] as number;
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
