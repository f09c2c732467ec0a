import lists from 'stopwords-iso' with { type: 'json' };
import type { Language } from './languages.ts';
import { stopWordsOf } from './stop-words.ts';
import { wordsOf } from './words.ts';

const made = new Map<Language, ReadonlySet<string>>();

/**
 * Words that name nothing: stop words, and the far longer lists of stopwords-iso. These hold "really" and "didnt", and
 * "problem" and "bill" as well: a name does without them, the texts that topics are learned from do not.
 */
export function weakWordsOf(language: Language): ReadonlySet<string> {
  const there = made.get(language);
  if (there !== undefined) return there;
  const words = new Set([...stopWordsOf(language), ...lists[language].flatMap(wordsOf)]);
  made.set(language, words);
  return words;
}
