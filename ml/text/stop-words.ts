import { createRequire } from 'node:module';
import { stopwords as en } from '@orama/stopwords/english';
import { stopwords as fr } from '@orama/stopwords/french';
import { stopwords as de } from '@orama/stopwords/german';
import { stopwords as it } from '@orama/stopwords/italian';
import { stopwords as pt } from '@orama/stopwords/portuguese';
import { stopwords as es } from '@orama/stopwords/spanish';
import { z } from 'zod';
import type { Language } from './languages.ts';
import { wordsOf } from './words.ts';

const lists: Readonly<Record<Language, readonly string[]>> = { en, pt, fr, de, es, it };
const made = new Map<Language, ReadonlySet<string>>();
const madeWeak = new Map<Language, ReadonlySet<string>>();

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

/**
 * Words that name nothing: stop words, and the far longer lists of stopwords-iso. These hold "really" and
 * "didnt", and "problem" and "bill" as well: a name does without them, the texts that topics are learned from do not.
 */
export function weakWordsOf(language: Language): ReadonlySet<string> {
  const there = madeWeak.get(language);
  if (there !== undefined) return there;
  const words = new Set([...stopWordsOf(language), ...longList(language).flatMap(wordsOf)]);
  madeWeak.set(language, words);
  return words;
}

const longListsSchema = z.record(z.string(), z.array(z.string()));

/** Read when it is first asked for: all that the package has is one file of 57 languages, and serving needs none. */
function longList(language: Language): readonly string[] {
  const all = longListsSchema.parse(createRequire(import.meta.url)('stopwords-iso'));
  const own = all[language];
  if (own === undefined) throw new RangeError(`stopwords-iso has no list for ${language}`);
  return own;
}
