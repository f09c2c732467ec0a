import type { SparseBlock } from '../blocks.ts';
import { mean } from '../sample.ts';

/** In how many of `units` (documents, or windows of them) each word is, and each two words are. */
export type Occurrences = {
  units: number;
  of(word: number): number;
  /** The same word twice: where it is. */
  ofBoth(one: number, other: number): number;
};

/** A recorder for the words of topics; all other words are passed over. */
export function createOccurrences(words: Iterable<number>): Occurrences & {
  /** @param present the different words of one more unit */
  record(present: readonly number[]): void;
} {
  const places = new Map([...new Set(words)].map((word, place) => [word, place]));
  const width = places.size;
  const pairs = new Int32Array(width * width);
  let units = 0;
  const ofBoth = (one: number, other: number): number => {
    const [left, right] = [places.get(one), places.get(other)];
    return left === undefined || right === undefined ? 0 : (pairs[left * width + right] as number);
  };
  return {
    get units() {
      return units;
    },
    of: (word) => ofBoth(word, word),
    ofBoth,
    record(present) {
      units += 1;
      const found = present.flatMap((word) => places.get(word) ?? []);
      for (const left of found) for (const right of found) (pairs[left * width + right] as number) += 1;
    },
  };
}

/** Over whole documents. */
export function documentOccurrences(counts: SparseBlock, words: Iterable<number>): Occurrences {
  const occurrences = createOccurrences(words);
  const { offsets, indices } = counts;
  for (let document = 0; document < offsets.length - 1; document++) {
    occurrences.record([...indices.subarray(offsets[document], offsets[document + 1])]);
  }
  return occurrences;
}

/**
 * Normalised pointwise mutual information of two words (Bouma, 2009): 1 where neither is without the other, 0 where
 * they meet as often as by chance, -1 where they never do.
 */
export function npmiOf(occurrences: Occurrences, one: number, other: number): number {
  const { units } = occurrences;
  const both = occurrences.ofBoth(one, other) / units;
  if (!(both > 0)) return -1;
  // Two words that are everywhere are never apart.
  if (both === 1) return 1;
  const apart = (occurrences.of(one) / units) * (occurrences.of(other) / units);
  return Math.log(both / apart) / -Math.log(both);
}

/** Of each topic: the mean over all pairs of its words (Aletras and Stevenson, 2013). */
export function npmiCoherence(topics: readonly (readonly number[])[], occurrences: Occurrences): number[] {
  return topics.map((words) => {
    const values = words.flatMap((one, place) =>
      words.slice(0, place).map((other) => npmiOf(occurrences, one, other)),
    );
    // Of a single word there are no pairs to be coherent.
    return values.length === 0 ? 0 : mean(values);
  });
}

/**
 * C_v of each topic (Röder, Both and Hinneburg, 2015), over windows of 110 words: the mean likeness (cosine) of the
 * vector of each word's NPMI with all words of the topic to the sum of these vectors.
 */
export function cvCoherence(topics: readonly (readonly number[])[], occurrences: Occurrences): number[] {
  return topics.map((words) => {
    const vectors = words.map((one) => words.map((other) => npmiOfWindow(occurrences, one, other)));
    const sum = words.map((_, place) =>
      vectors.reduce((total, vector) => total + (vector[place] as number), 0),
    );
    return mean(vectors.map((vector) => cosine(vector, sum)));
  });
}

/** As its authors have it: a small number in place of what never happens, by which even rare words are told apart. */
const epsilon = 1e-12;

function npmiOfWindow(occurrences: Occurrences, one: number, other: number): number {
  const { units } = occurrences;
  const apart = (occurrences.of(one) / units) * (occurrences.of(other) / units);
  if (apart === 0) return 0;
  const both = occurrences.ofBoth(one, other) / units;
  return Math.log((both + epsilon) / apart) / -Math.log(both + epsilon);
}

const windowWords = 110;

/**
 * Over the windows of `windowWords` words that slide over each document a word at a time; a shorter document is one
 * window. Words that no topic names count for the length of a window.
 *
 * @param documents word after word of each; -1 for one that has no term
 */
export function windowOccurrences(
  documents: { offsets: Int32Array; words: Int32Array },
  words: Iterable<number>,
): Occurrences {
  const wanted = new Set(words);
  const occurrences = createOccurrences(wanted);
  const inside = new Map<number, number>();
  const enter = (word: number): void => {
    if (wanted.has(word)) inside.set(word, (inside.get(word) ?? 0) + 1);
  };
  const leave = (word: number): void => {
    const left = (inside.get(word) ?? 0) - 1;
    if (left > 0) inside.set(word, left);
    else inside.delete(word);
  };
  for (let document = 0; document < documents.offsets.length - 1; document++) {
    const own = documents.words.subarray(documents.offsets[document], documents.offsets[document + 1]);
    inside.clear();
    own.subarray(0, windowWords).forEach(enter);
    occurrences.record([...inside.keys()]);
    for (let next = windowWords; next < own.length; next++) {
      leave(own[next - windowWords] as number);
      enter(own[next] as number);
      occurrences.record([...inside.keys()]);
    }
  }
  return occurrences;
}

function cosine(left: readonly number[], right: readonly number[]): number {
  let product = 0;
  let ofLeft = 0;
  let ofRight = 0;
  for (const [place, value] of left.entries()) {
    const other = right[place] as number;
    product += value * other;
    ofLeft += value * value;
    ofRight += other * other;
  }
  return ofLeft === 0 || ofRight === 0 ? 0 : product / Math.sqrt(ofLeft * ofRight);
}
