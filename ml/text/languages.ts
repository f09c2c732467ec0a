import { z } from 'zod';

/** ISO 639-1 codes of the languages whose texts are told apart, stemmed and freed of stop words. */
export const languageSchema = z.enum(['en', 'pt', 'fr', 'de', 'es', 'it']);
export type Language = z.infer<typeof languageSchema>;
