import type { SparseBlock } from '../blocks.ts';
import { stopWordsOf } from '../text/stop-words.ts';
import { wordsOf } from '../text/words.ts';
import { wordsOfLanguages } from './languages.ts';

/** Documents as they were written, word after word: the number of its term, or -1 of a word that is none. */
export type Documents = { offsets: Int32Array; words: Int32Array };

type VocabularyOptions = {
  /** A term is in at least so many documents, and in no more than this share of them. */
  minDocuments?: number;
  maxShare?: number;
  maxTerms?: number;
};

const letter = /\p{L}/u;

/**
 * The words that tell topics apart: neither rare nor everywhere, with a letter, and no stop word of a language of the
 * texts. The most frequent are kept, of equally frequent ones the first in the alphabet.
 * @returns sorted
 */
export function chooseTerms(
  texts: readonly (string | null)[],
  { minDocuments = 5, maxShare = 0.5, maxTerms = 5000 }: VocabularyOptions = {},
): string[] {
  const documents = new Map<string, number>();
  const occurrences = new Map<string, number>();
  for (const text of texts) {
    const words = wordsOf(text ?? '');
    for (const word of words) occurrences.set(word, (occurrences.get(word) ?? 0) + 1);
    for (const word of new Set(words)) documents.set(word, (documents.get(word) ?? 0) + 1);
  }
  const stopWords = wordsOfLanguages(texts, stopWordsOf);
  return [...documents]
    .filter(
      ([word, count]) =>
        count >= minDocuments &&
        count <= maxShare * texts.length &&
        letter.test(word) &&
        !stopWords.has(word),
    )
    .map(([word]) => ({ word, count: occurrences.get(word) ?? 0 }))
    .sort((left, right) => right.count - left.count || (left.word < right.word ? -1 : 1))
    .slice(0, maxTerms)
    .map(({ word }) => word)
    .sort();
}

/** Reads texts as the numbers of their terms. */
export function createDocumentReader(terms: readonly string[]): (text: string | null) => Int32Array {
  const numbers = new Map(terms.map((term, number) => [term, number]));
  return (text) => Int32Array.from(wordsOf(text ?? ''), (word) => numbers.get(word) ?? -1);
}

export function readDocuments(texts: readonly (string | null)[], terms: readonly string[]): Documents {
  const read = createDocumentReader(terms);
  const documents = texts.map(read);
  const offsets = new Int32Array(texts.length + 1);
  documents.forEach((words, document) => {
    offsets[document + 1] = (offsets[document] as number) + words.length;
  });
  const words = new Int32Array(offsets[texts.length] as number);
  documents.forEach((own, document) => {
    words.set(own, offsets[document]);
  });
  return { offsets, words };
}

/** How often each term is in each document; a document's terms ascend. */
export function countTerms({ offsets, words }: Documents, terms: readonly string[]): SparseBlock {
  const counted = Array.from({ length: offsets.length - 1 }, (_, document) =>
    countWords(words.subarray(offsets[document], offsets[document + 1])),
  );
  const starts = new Int32Array(counted.length + 1);
  counted.forEach(({ indices }, document) => {
    starts[document + 1] = (starts[document] as number) + indices.length;
  });
  const size = starts[counted.length] as number;
  const block = {
    names: terms,
    offsets: starts,
    indices: new Int32Array(size),
    values: new Float64Array(size),
  };
  counted.forEach(({ indices, values }, document) => {
    block.indices.set(indices, starts[document]);
    block.values.set(values, starts[document]);
  });
  return block;
}

/** Occurrences of terms in each document. */
export const documentLengths = ({ offsets, values }: SparseBlock): Float64Array =>
  Float64Array.from({ length: offsets.length - 1 }, (_, document) =>
    values.subarray(offsets[document], offsets[document + 1]).reduce((sum, count) => sum + count, 0),
  );

/** The terms among the words of one document, ascending. */
export function countWords(words: Int32Array): { indices: Int32Array; values: Float64Array } {
  const counts = new Map<number, number>();
  for (const word of words) if (word >= 0) counts.set(word, (counts.get(word) ?? 0) + 1);
  const indices = Int32Array.from(counts.keys()).sort();
  return { indices, values: Float64Array.from(indices, (term) => counts.get(term) ?? 0) };
}
