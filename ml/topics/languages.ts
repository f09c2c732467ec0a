import { detectLanguage } from '../text/detect-language.ts';
import type { Language } from '../text/languages.ts';

/** Of a language that fewer texts are in, words are not looked up. */
const leastLanguageShare = 0.05;
const textsLookedAt = 1000;

/** The languages that a good part of the texts are in, by texts spread over all of them. */
function languagesOf(texts: readonly (string | null)[]): Language[] {
  const looked = Math.min(texts.length, textsLookedAt);
  const counts = new Map<Language, number>();
  for (let place = 0; place < looked; place++) {
    const language = detectLanguage(texts[Math.floor((place * texts.length) / looked)] ?? '');
    if (language !== null) counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count >= leastLanguageShare * looked)
    .map(([language]) => language);
}

/** Words of these languages, also as they are typed without accents: "nao" for "não". */
export const wordsOfLanguages = (
  texts: readonly (string | null)[],
  wordsOf: (language: Language) => ReadonlySet<string>,
): ReadonlySet<string> =>
  new Set(
    languagesOf(texts).flatMap((language) =>
      [...wordsOf(language)].flatMap((word) => [word, word.normalize('NFD').replace(/\p{M}/gu, '')]),
    ),
  );
