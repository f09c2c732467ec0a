import type { SparseBlock } from '../blocks.ts';
import { tellingTerms } from './top-words.ts';

/** As many as names choose from. */
const wordsTold = 12;

/** Words that tell each topic from the others, the most telling first. */
export function tellingWords(input: {
  /** Topics × terms, row-major. */
  words: Float64Array;
  topics: number;
  terms: readonly string[];
  counts: SparseBlock;
}): string[][] {
  const { words, topics, terms, counts } = input;
  const overall = new Float64Array(terms.length);
  let total = 0;
  for (const [entry, term] of counts.indices.entries()) {
    const count = counts.values[entry] as number;
    (overall[term] as number) += count;
    total += count;
  }
  const found = tellingTerms(words, {
    topics,
    count: wordsTold,
    overall: overall.map((count) => count / total),
  });
  return found.map((own) => own.map((term) => terms[term] ?? ''));
}
