import { z } from 'zod';
import { type Terms, termsOf } from '../../text/tokens.ts';
import { columnName } from '../column-name.ts';
import type { Vectorise } from '../operation.ts';
import { defineEncode } from '../step.ts';
import { textsOf } from './columns.ts';
import { frequentLevels } from './statistics.ts';

const schema = z.strictObject({
  step: z.literal('tfidf'),
  column: columnName,
  analyzer: z.enum(['word', 'char']).default('word'),
  ngrams: z.tuple([z.int().min(1), z.int().max(6)]).default([1, 2]),
  minDocuments: z.int().min(1).default(3),
  maxFeatures: z.int().min(1).max(200_000).default(50_000),
  sublinear: z.boolean().default(true),
});
type Step = z.infer<typeof schema>;

const fittedSchema = z
  .strictObject({
    step: z.literal('tfidf'),
    column: z.string(),
    analyzer: z.enum(['word', 'char']),
    ngrams: z.tuple([z.int(), z.int()]),
    sublinear: z.boolean(),
    /** In the order of the columns of the sparse block. */
    terms: z.array(z.string()),
    /** ln((1 + documents) / (1 + documents with the term)) + 1. */
    idf: z.array(z.number()),
  })
  .refine(({ terms, idf }) => terms.length === idf.length, 'one idf a term is needed');
type Fitted = z.infer<typeof fittedSchema>;

const cutting = ({ analyzer, ngrams }: Pick<Step, 'analyzer' | 'ngrams'>): Terms => ({
  analyzer,
  shortest: ngrams[0],
  longest: ngrams[1],
});

/** Term frequency (1 + ln of it where `sublinear`) times idf, each row of Euclidean length 1. */
function createVectoriser(fitted: Fitted): Vectorise {
  const indexOf = new Map(fitted.terms.map((term, index) => [term, index]));
  const terms = cutting(fitted);
  return (text, emit) => {
    if (text === null) return;
    const counts = new Map<number, number>();
    for (const term of termsOf(text, terms)) {
      const index = indexOf.get(term);
      if (index !== undefined) counts.set(index, (counts.get(index) ?? 0) + 1);
    }
    // Ascending, so that the sum of squares has one order whatever the order of the words.
    const indices = Int32Array.from(counts.keys()).sort();
    const weights = new Float64Array(indices.length);
    let squares = 0;
    for (const [entry, index] of indices.entries()) {
      const count = counts.get(index) ?? 0;
      const weight = (fitted.sublinear ? 1 + Math.log(count) : count) * (fitted.idf[index] as number);
      weights[entry] = weight;
      squares += weight * weight;
    }
    const length = Math.sqrt(squares);
    for (const [entry, index] of indices.entries()) emit(index, (weights[entry] as number) / length);
  };
}

/** A missing text counts as a document without terms. Terms not in the vocabulary are passed over. */
export const tfidf = defineEncode({
  schema,
  fitted: fittedSchema,
  without: (step, gone) => (gone.has(step.column) ? null : step),
  check(step, scope) {
    scope.read(step.column, ['text']);
    const [shortest, longest] = step.ngrams;
    if (shortest > longest) scope.report(`ngrams run from ${shortest} to ${longest}`);
  },
  fit(step, training) {
    const texts = textsOf(training, step.column);
    const occurrences = new Map<string, number>();
    const documents = new Map<string, number>();
    const terms = cutting(step);
    for (const text of texts) {
      if (text === null) continue;
      const found = termsOf(text, terms);
      for (const term of found) occurrences.set(term, (occurrences.get(term) ?? 0) + 1);
      for (const term of new Set(found)) documents.set(term, (documents.get(term) ?? 0) + 1);
    }
    for (const [term, count] of documents) if (count < step.minDocuments) occurrences.delete(term);
    const kept = frequentLevels(occurrences, step.maxFeatures);
    return {
      step: 'tfidf',
      column: step.column,
      analyzer: step.analyzer,
      ngrams: step.ngrams,
      sublinear: step.sublinear,
      terms: kept,
      idf: kept.map((term) => Math.log((1 + texts.length) / (1 + (documents.get(term) ?? 0))) + 1),
    };
  },
  operations: (fitted) => [
    {
      op: 'sparse',
      from: fitted.column,
      names: fitted.terms.map((term) => `${fitted.column}~${fitted.analyzer}:${term}`),
      vectorise: createVectoriser(fitted),
    },
  ],
});
