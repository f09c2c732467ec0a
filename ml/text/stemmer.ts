import { stemmer as en } from '@orama/stemmers/english';
import { stemmer as fr } from '@orama/stemmers/french';
import { stemmer as de } from '@orama/stemmers/german';
import { stemmer as it } from '@orama/stemmers/italian';
import { stemmer as pt } from '@orama/stemmers/portuguese';
import { stemmer as es } from '@orama/stemmers/spanish';
import type { Language } from './languages.ts';

/** Porter's and the Snowball stemmers. They take a word in lower case. */
export const stemmers: Readonly<Record<Language, (word: string) => string>> = { en, pt, fr, de, es, it };
