import type { SparseBlock } from '../blocks.ts';
import type { Progress } from '../learner.ts';
import { createRandom, type Random } from '../random.ts';

type LdaOptions = {
  topics: number;
  seed: number;
  /** Dirichlet prior of each of a document's topics. */
  documentPrior?: number;
  /** Dirichlet prior of each of a topic's terms. */
  wordPrior?: number;
  sweeps?: number;
};

/** As much as four words in all, whatever the number of topics, for texts are short. */
export const documentPriorOf = (topics: number): number => 4 / topics;

/** Sweeps before the chain is taken to have forgotten its start, and between two samples of it that are averaged. */
const burnInShare = 0.5;
const sweepsPerSample = 4;

/** Tokens of all documents one after the other. */
type Tokens = { offsets: Int32Array; words: Int32Array };

/**
 * Latent Dirichlet allocation (Blei, Ng and Jordan, 2003) by collapsed Gibbs sampling (Griffiths and Steyvers, 2004):
 * each token is drawn anew given all others. What is returned is the mean of samples from the second half of the chain.
 *
 * @param counts whole numbers; a row of `offsets` is a document, a name a term
 * @returns topics × terms, row-major: probabilities that sum to 1 over each topic's terms
 */
export function* fitLda(counts: SparseBlock, options: LdaOptions): Generator<Progress, Float64Array, void> {
  const { topics, seed, documentPrior = documentPriorOf(topics), wordPrior = 0.1, sweeps = 100 } = options;
  const terms = counts.names.length;
  const random = createRandom(seed);
  const tokens = expandTokens(counts);
  const chain = startChain(tokens, { topics, terms, documentPrior, wordPrior, random });
  const mean = new Float64Array(topics * terms);
  const burnIn = Math.floor(sweeps * burnInShare);
  let samples = 0;
  for (let sweep = 1; sweep <= sweeps; sweep++) {
    sweepTokens(tokens, chain, random);
    if (sweep > burnIn && (sweeps - sweep) % sweepsPerSample === 0) {
      addSample(chain, mean);
      samples += 1;
    }
    yield { done: sweep, total: sweeps };
  }
  return mean.map((sum) => sum / samples);
}

/** Counts with their priors, so that the inner loop adds nothing to them. */
type Chain = {
  topics: number;
  /** Of each token. */
  topicOf: Uint16Array;
  /** Terms × topics: what one token reads lies together. */
  ofTerms: Float64Array;
  /** Documents × topics. */
  ofDocuments: Float64Array;
  ofTopics: Float64Array;
};

function startChain(
  tokens: Tokens,
  options: { topics: number; terms: number; documentPrior: number; wordPrior: number; random: Random },
): Chain {
  const { topics, terms, documentPrior, wordPrior, random } = options;
  const documents = tokens.offsets.length - 1;
  const chain: Chain = {
    topics,
    topicOf: new Uint16Array(tokens.words.length),
    ofTerms: new Float64Array(terms * topics).fill(wordPrior),
    ofDocuments: new Float64Array(documents * topics).fill(documentPrior),
    ofTopics: new Float64Array(topics).fill(terms * wordPrior),
  };
  for (let document = 0; document < documents; document++) {
    const end = tokens.offsets[document + 1] as number;
    for (let token = tokens.offsets[document] as number; token < end; token++) {
      const topic = random.below(topics);
      chain.topicOf[token] = topic;
      (chain.ofTerms[(tokens.words[token] as number) * topics + topic] as number) += 1;
      (chain.ofDocuments[document * topics + topic] as number) += 1;
      (chain.ofTopics[topic] as number) += 1;
    }
  }
  return chain;
}

function sweepTokens({ offsets, words }: Tokens, chain: Chain, random: Random): void {
  const { topics, topicOf, ofTerms, ofDocuments, ofTopics } = chain;
  const cumulated = new Float64Array(topics);
  const reciprocals = ofTopics.map((count) => 1 / count);
  for (let document = 0; document < offsets.length - 1; document++) {
    const own = document * topics;
    const end = offsets[document + 1] as number;
    for (let token = offsets[document] as number; token < end; token++) {
      const term = (words[token] as number) * topics;
      let topic = topicOf[token] as number;
      (ofDocuments[own + topic] as number) -= 1;
      (ofTerms[term + topic] as number) -= 1;
      (ofTopics[topic] as number) -= 1;
      reciprocals[topic] = 1 / (ofTopics[topic] as number);
      let sum = 0;
      for (let k = 0; k < topics; k++) {
        sum += (ofDocuments[own + k] as number) * (ofTerms[term + k] as number) * (reciprocals[k] as number);
        cumulated[k] = sum;
      }
      const drawn = (random.uint32() / 0x100000000) * sum;
      topic = 0;
      while ((cumulated[topic] as number) <= drawn) topic += 1;
      topicOf[token] = topic;
      (ofDocuments[own + topic] as number) += 1;
      (ofTerms[term + topic] as number) += 1;
      (ofTopics[topic] as number) += 1;
      reciprocals[topic] = 1 / (ofTopics[topic] as number);
    }
  }
}

function addSample({ topics, ofTerms, ofTopics }: Chain, sums: Float64Array): void {
  const terms = ofTerms.length / topics;
  for (let topic = 0; topic < topics; topic++) {
    const reciprocal = 1 / (ofTopics[topic] as number);
    for (let term = 0; term < terms; term++) {
      (sums[topic * terms + term] as number) += (ofTerms[term * topics + topic] as number) * reciprocal;
    }
  }
}

function expandTokens({ offsets, indices, values }: SparseBlock): Tokens {
  const documents = offsets.length - 1;
  const total = values.reduce((sum, count) => sum + count, 0);
  const tokens = { offsets: new Int32Array(documents + 1), words: new Int32Array(total) };
  let at = 0;
  for (let document = 0; document < documents; document++) {
    const end = offsets[document + 1] as number;
    for (let entry = offsets[document] as number; entry < end; entry++) {
      const after = at + (values[entry] as number);
      tokens.words.fill(indices[entry] as number, at, after);
      at = after;
    }
    tokens.offsets[document + 1] = at;
  }
  return tokens;
}
