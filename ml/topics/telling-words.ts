import type { SparseBlock } from '../blocks.ts';
import { tellingTerms } from './top-words.ts';

/** As many as names choose from. */
const wordsTold = 12;

/** Words that tell each topic from the others, the most telling first, and behind them those that name nothing. */
export function tellingWords(input: {
  /** Topics × terms, row-major. */
  words: Float64Array;
  topics: number;
  terms: readonly string[];
  counts: SparseBlock;
  /** Words that name nothing: see `weakWordsOf`. */
  weak: ReadonlySet<string>;
}): string[][] {
  const { words, topics, terms, counts, weak } = input;
  const overall = new Float64Array(terms.length);
  let total = 0;
  for (const [entry, term] of counts.indices.entries()) {
    const count = counts.values[entry] as number;
    (overall[term] as number) += count;
    total += count;
  }
  const found = tellingTerms(words, {
    topics,
    count: terms.length,
    overall: overall.map((count) => count / total),
  });
  return found.map((own) => {
    const telling = own.map((term) => terms[term] ?? '');
    const strong = telling.filter((word) => !weak.has(word)).slice(0, wordsTold);
    return [...strong, ...telling.filter((word) => weak.has(word))].slice(0, wordsTold);
  });
}
