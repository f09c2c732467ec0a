import type { SparseBlock } from '../blocks.ts';
import type { Progress } from '../learner.ts';
import { deriveSeed } from '../random.ts';
import { cvCoherence, documentOccurrences, npmiCoherence, windowOccurrences } from './coherence.ts';
import { inverseFrequencies, weighDocuments } from './inverse-frequencies.ts';
import { documentPriorOf, fitLda } from './lda.ts';
import type { CoherenceMeasure, TopicMethod } from './method.ts';
import type { TopicModel } from './model.ts';
import { fitNmf } from './nmf.ts';
import { topTerms } from './top-words.ts';
import type { Documents } from './vocabulary.ts';

/** Words of a topic that its coherence is measured on, as all who compare topics do. */
const wordsMeasured = 10;

/** One number of topics by one method; coherence is the mean over its topics. */
export type TopicTrial = { method: TopicMethod; topics: number; npmi: number; cv: number };

export type LearnedTopics = Pick<TopicModel, 'method' | 'documentPrior' | 'inverseFrequencies' | 'words'> & {
  topics: number;
  /** Of each topic. */
  coherence: { npmi: number; cv: number }[];
  /** All that were tried, the chosen one among them, in their order. */
  tried: TopicTrial[];
};

/**
 * Learns topics by each method in each number, and keeps those that are most coherent; of equal ones the first.
 * Yields between sweeps or rounds; counts all fits as equally long.
 */
export function* learnTopics(
  { documents, counts }: { documents: Documents; counts: SparseBlock },
  options: {
    methods: readonly TopicMethod[];
    numbers: readonly number[];
    chooseBy: CoherenceMeasure;
    seed: number;
  },
): Generator<Progress, LearnedTopics, void> {
  const { methods, numbers, chooseBy, seed } = options;
  const jobs = methods.flatMap((method) => numbers.map((topics) => ({ method, topics })));
  const tried: TopicTrial[] = [];
  let best: { value: number; learned: Omit<LearnedTopics, 'tried'> } | undefined;
  for (const [place, { method, topics }] of jobs.entries()) {
    const fit = fitTopics(counts, { method, topics, seed: deriveSeed(seed, `${method} ${topics}`) });
    let next = fit.next();
    for (; next.done !== true; next = fit.next()) {
      const { done, total } = next.value;
      yield { done: place + done / total, total: jobs.length };
    }
    const coherence = measureCoherence({ documents, counts }, { words: next.value.words, topics });
    const [npmi, cv] = [meanOf(coherence, 'npmi'), meanOf(coherence, 'cv')];
    tried.push({ method, topics, npmi, cv });
    const value = chooseBy === 'npmi' ? npmi : cv;
    if (best === undefined || value > best.value)
      best = { value, learned: { ...next.value, method, topics, coherence } };
  }
  if (best === undefined) throw new RangeError('no method or no number of topics was given');
  return { ...best.learned, tried };
}

type Fitted = Pick<LearnedTopics, 'documentPrior' | 'inverseFrequencies' | 'words'>;

function* fitTopics(
  counts: SparseBlock,
  { method, topics, seed }: { method: TopicMethod; topics: number; seed: number },
): Generator<Progress, Fitted, void> {
  switch (method) {
    case 'lda': {
      const documentPrior = documentPriorOf(topics);
      const words = yield* fitLda(counts, { topics, seed, documentPrior });
      return { words, documentPrior, inverseFrequencies: null };
    }
    case 'nmf': {
      const inverse = inverseFrequencies(counts);
      const words = yield* fitNmf(weighDocuments(counts, inverse), { topics, seed });
      return { words, documentPrior: 0, inverseFrequencies: [...inverse] };
    }
    default:
      return method satisfies never;
  }
}

function measureCoherence(
  { documents, counts }: { documents: Documents; counts: SparseBlock },
  of: { words: Float64Array; topics: number },
): { npmi: number; cv: number }[] {
  const top = topTerms(of.words, { topics: of.topics, count: wordsMeasured });
  const words = top.flat();
  const npmi = npmiCoherence(top, documentOccurrences(counts, words));
  const cv = cvCoherence(top, windowOccurrences(documents, words));
  return top.map((_, topic) => ({ npmi: npmi[topic] ?? 0, cv: cv[topic] ?? 0 }));
}

const meanOf = (coherence: readonly { npmi: number; cv: number }[], measure: CoherenceMeasure): number =>
  coherence.reduce((sum, of) => sum + of[measure], 0) / coherence.length;
