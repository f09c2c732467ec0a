import type { Cutting } from './terms.ts';
import { createWordReader } from './terms.ts';
import { normalised, wordsOfNormalised } from './words.ts';

/** A term where it stands in a text, and the words of the text that it is made of. */
type Occurrence = { term: string; words: readonly string[] };

/**
 * The terms that `createTermReader` reads of a text, with their words as they stand there: unstemmed, in lower case. A
 * piece between white space without a word, such as ":-)", stands for itself.
 */
export function occurrencesOf(text: string, cutting: Cutting): Occurrence[] {
  switch (cutting.analyzer) {
    case 'word':
      return runs(readWords(text, cutting), cutting, ' ');
    case 'charInWords':
      return normalised(text)
        .split(/\s+/u)
        .flatMap((piece) => {
          if (piece === '') return [];
          const words = wordsIn(piece);
          const points = [' ', ...piece, ' '].map((part) => ({ part, words }));
          return points.length > cutting.shortest
            ? runs(points, cutting, '')
            : [{ term: ` ${piece} `, words }];
        });
    case 'char': {
      const collapsed = normalised(text).replace(/\s\s+/gu, ' ');
      const parts = collapsed.split(/(\s)/u).flatMap((piece) => {
        const words = piece.trim() === '' ? [] : wordsIn(piece);
        return Array.from(piece, (part) => ({ part, words }));
      });
      return runs(parts, cutting, '');
    }
    default:
      return cutting.analyzer satisfies never;
  }
}

type Part = { part: string; words: readonly string[] };

function readWords(text: string, { language, stem, dropStopWords }: Cutting): Part[] {
  const cut = createWordReader({ language, stem, dropStopWords });
  return wordsOfNormalised(normalised(text)).flatMap((word) =>
    cut(word).map((part) => ({ part, words: [word] })),
  );
}

function wordsIn(piece: string): readonly string[] {
  const words = wordsOfNormalised(piece);
  return words.length > 0 ? words : [piece];
}

function runs(
  parts: readonly Part[],
  { shortest, longest }: Pick<Cutting, 'shortest' | 'longest'>,
  glue: string,
): Occurrence[] {
  const found: Occurrence[] = [];
  for (let start = 0; start < parts.length; start++) {
    for (let length = shortest; length <= longest && start + length <= parts.length; length++) {
      const run = parts.slice(start, start + length);
      found.push({
        term: run.map(({ part }) => part).join(glue),
        words: [...new Set(run.flatMap(({ words }) => words))],
      });
    }
  }
  return found;
}
