import type { Language } from './languages.ts';
import { stemmers } from './stemmer.ts';
import { stopWordsOf } from './stop-words.ts';
import { normalised, wordsOfNormalised } from './words.ts';

/**
 * What of a text counts as a term; scikit-learn's vectorisers cut the same, so that figures compare.
 *
 * - `word`: runs of words, joined by one space; stemmed, and without stop words, where asked for;
 * - `char`: runs of code points over collapsed white space;
 * - `charInWords`: runs of code points within what stands between white space, a space before and behind it
 *   (scikit-learn's `char_wb`).
 */
export type Cutting = {
  analyzer: 'word' | 'char' | 'charInWords';
  shortest: number;
  longest: number;
  /** Of the texts. Needed by the two below, which are for words only. */
  language?: Language | undefined;
  stem: boolean;
  dropStopWords: boolean;
};

/** Emits the number of each term of a text, as often as it occurs. */
type ReadTerms = (text: string, emit: (term: number) => void) => void;

/** Pieces between white space whose terms are remembered; few texts have as many, and a server must stay bounded. */
const maxRemembered = 50_000;

/**
 * Cuts texts into terms.
 * @param numberOf of a term, below 0 for one that is to be passed over; it must not change its mind
 */
export function createTermReader(cutting: Cutting, numberOf: (term: string) => number): ReadTerms {
  switch (cutting.analyzer) {
    case 'word':
      return readWordRuns(cutting, numberOf);
    case 'char':
      return (text, emit) => {
        const points = Array.from(normalised(text).replace(/\s\s+/gu, ' '));
        emitRuns(points, cutting, { glue: '', numberOf, emit });
      };
    case 'charInWords':
      return readCharRunsInWords(cutting, numberOf);
    default:
      return cutting.analyzer satisfies never;
  }
}

function readWordRuns(cutting: Cutting, numberOf: (term: string) => number): ReadTerms {
  const wordsOf = createWordReader(cutting);
  return (text, emit) => emitRuns(wordsOf(text), cutting, { glue: ' ', numberOf, emit });
}

/** The words of a text that are left: stemmed, without stop words. */
export function createWordReader({
  language,
  stem,
  dropStopWords,
}: Pick<Cutting, 'language' | 'stem' | 'dropStopWords'>): (text: string) => readonly string[] {
  if (language === undefined) return (text) => wordsOfNormalised(normalised(text));
  const stopWords: ReadonlySet<string> = dropStopWords ? stopWordsOf(language) : new Set();
  const stemOf = stem ? remember(stemmers[language]) : (word: string) => word;
  return (text) => {
    const words: string[] = [];
    for (const word of wordsOfNormalised(normalised(text)))
      if (!stopWords.has(word)) words.push(stemOf(word));
    return words;
  };
}

/** The same pieces come again and again, so each is cut once: ten times as fast on reviews as cutting all of them. */
function readCharRunsInWords(cutting: Cutting, numberOf: (term: string) => number): ReadTerms {
  const termsOf = remember((piece) => {
    const terms: number[] = [];
    const emit = (term: number) => terms.push(term);
    const points = [' ', ...piece, ' '];
    if (points.length > cutting.shortest) emitRuns(points, cutting, { glue: '', numberOf, emit });
    // Too short for any run, a piece counts as one.
    else emitRuns([points.join('')], { shortest: 1, longest: 1 }, { glue: '', numberOf, emit });
    return Int32Array.from(terms);
  });
  return (text, emit) => {
    for (const piece of normalised(text).split(/\s+/u)) {
      if (piece === '') continue;
      const terms = termsOf(piece);
      for (let i = 0; i < terms.length; i++) emit(terms[i] as number);
    }
  };
}

function emitRuns(
  parts: readonly string[],
  { shortest, longest }: Pick<Cutting, 'shortest' | 'longest'>,
  {
    glue,
    numberOf,
    emit,
  }: { glue: string; numberOf: (term: string) => number; emit: (term: number) => void },
): void {
  for (let start = 0; start + shortest <= parts.length; start++) {
    const end = Math.min(start + longest, parts.length);
    let run = '';
    for (let at = start; at < end; at++) {
      run = at === start ? (parts[at] as string) : run + glue + (parts[at] as string);
      if (at - start + 1 < shortest) continue;
      const term = numberOf(run);
      if (term >= 0) emit(term);
    }
  }
}

function remember<Value>(make: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) {
      value = make(text);
      if (known.size >= maxRemembered) known.clear();
      known.set(text, value);
    }
    return value;
  };
}
