import { stopwords as en } from '@orama/stopwords/english';
import { stopwords as fr } from '@orama/stopwords/french';
import { stopwords as de } from '@orama/stopwords/german';
import { stopwords as it } from '@orama/stopwords/italian';
import { stopwords as pt } from '@orama/stopwords/portuguese';
import { stopwords as es } from '@orama/stopwords/spanish';
import type { Language } from './languages.ts';
import { wordsOf } from './words.ts';

const lists: Readonly<Record<Language, readonly string[]>> = { en, pt, fr, de, es, it };
const made = new Map<Language, ReadonlySet<string>>();

/**
 * Words that say little of what a text is about, cut as texts are: of "isn't" it is "isn" that occurs. They hold "not"
 * and its like, so a model of what people feel does better with them.
 */
export function stopWordsOf(language: Language): ReadonlySet<string> {
  const there = made.get(language);
  if (there !== undefined) return there;
  const words = new Set(lists[language].flatMap(wordsOf));
  made.set(language, words);
  return words;
}
