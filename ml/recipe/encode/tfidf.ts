import { z } from 'zod';
import { languageSchema } from '../../text/languages.ts';
import { type Cutting, createTermReader } from '../../text/terms.ts';
import { columnName } from '../column-name.ts';
import type { Vectorise } from '../operation.ts';
import { defineEncode } from '../step.ts';
import { textsOf } from './columns.ts';
import { frequentLevels } from './statistics.ts';

const analyzerSchema = z.enum(['word', 'char', 'charInWords']);

const schema = z.strictObject({
  step: z.literal('tfidf'),
  column: columnName,
  analyzer: analyzerSchema.default('word'),
  ngrams: z.tuple([z.int().min(1), z.int().max(6)]).default([1, 2]),
  minDocuments: z.int().min(1).default(3),
  maxFeatures: z.int().min(1).max(200_000).default(50_000),
  sublinear: z.boolean().default(true),
  language: languageSchema.optional(),
  stem: z.boolean().default(false),
  dropStopWords: z.boolean().default(false),
});
type Step = z.infer<typeof schema>;

const fittedSchema = z
  .strictObject({
    step: z.literal('tfidf'),
    column: z.string(),
    analyzer: analyzerSchema,
    ngrams: z.tuple([z.int(), z.int()]),
    sublinear: z.boolean(),
    language: languageSchema.optional(),
    stem: z.boolean().default(false),
    dropStopWords: z.boolean().default(false),
    /** In the order of the columns of the sparse block. */
    terms: z.array(z.string()),
    /** ln((1 + documents) / (1 + documents with the term)) + 1. */
    idf: z.array(z.number()),
  })
  .refine(({ terms, idf }) => terms.length === idf.length, 'one idf a term is needed');
type Fitted = z.infer<typeof fittedSchema>;

export const cuttingOf = ({
  ngrams: [shortest, longest],
  ...step
}: Omit<Step, 'step'> | Fitted): Cutting => ({
  analyzer: step.analyzer,
  shortest,
  longest,
  language: step.language,
  stem: step.stem,
  dropStopWords: step.dropStopWords,
});

/** Term frequency (1 + ln of it where `sublinear`) times idf, each row of Euclidean length 1. */
function createVectoriser(fitted: Fitted): Vectorise {
  const numbers = new Map(fitted.terms.map((term, number) => [term, number]));
  const read = createTermReader(cuttingOf(fitted), (term) => numbers.get(term) ?? -1);
  const idf = Float64Array.from(fitted.idf);
  const counts = new Int32Array(idf.length);
  return (text, emit) => {
    if (text === null) return;
    const found: number[] = [];
    read(text, (term) => {
      const count = counts[term] as number;
      if (count === 0) found.push(term);
      counts[term] = count + 1;
    });
    // Ascending, so that the sum of squares has one order whatever the order of the words.
    const indices = Int32Array.from(found).sort();
    const weights = new Float64Array(indices.length);
    let squares = 0;
    for (let entry = 0; entry < indices.length; entry++) {
      const term = indices[entry] as number;
      const count = counts[term] as number;
      counts[term] = 0;
      const weight = (fitted.sublinear ? 1 + Math.log(count) : count) * (idf[term] as number);
      weights[entry] = weight;
      squares += weight * weight;
    }
    const length = Math.sqrt(squares);
    for (let entry = 0; entry < indices.length; entry++) {
      emit(indices[entry] as number, (weights[entry] as number) / length);
    }
  };
}

/** Few of a recipe's users vectorise, and a vocabulary takes long to index. */
function onFirstUse(make: () => Vectorise): Vectorise {
  let made: Vectorise | undefined;
  return (text, emit) => {
    made ??= make();
    made(text, emit);
  };
}

/** Of each term: how often it occurs, and in how many texts. */
function countTerms(texts: readonly (string | null)[], cutting: Cutting) {
  const numbers = new Map<string, number>();
  const occurrences: number[] = [];
  const documents: number[] = [];
  const seenIn: number[] = [];
  const read = createTermReader(cutting, (term) => {
    const known = numbers.get(term);
    if (known !== undefined) return known;
    const number = numbers.size;
    numbers.set(term, number);
    occurrences.push(0);
    documents.push(0);
    seenIn.push(-1);
    return number;
  });
  for (const [place, text] of texts.entries()) {
    if (text === null) continue;
    read(text, (term) => {
      occurrences[term] = (occurrences[term] as number) + 1;
      if (seenIn[term] === place) return;
      seenIn[term] = place;
      documents[term] = (documents[term] as number) + 1;
    });
  }
  return { numbers, occurrences, documents };
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
    const isOfWords = step.stem || step.dropStopWords;
    if (isOfWords && step.analyzer !== 'word')
      scope.report(`stem and dropStopWords are for words, the analyzer is ${step.analyzer}`);
    if (isOfWords && step.language === undefined) scope.report('stem and dropStopWords need a language');
    if (!isOfWords && step.language !== undefined)
      scope.report(`language ${step.language} changes nothing without stem or dropStopWords`);
  },
  fit(step, training) {
    const texts = textsOf(training, step.column);
    const { numbers, occurrences, documents } = countTerms(texts, cuttingOf(step));
    const frequent = new Map<string, number>();
    for (const [term, number] of numbers) {
      if ((documents[number] as number) >= step.minDocuments)
        frequent.set(term, occurrences[number] as number);
    }
    const terms = frequentLevels(frequent, step.maxFeatures);
    const documentsOf = (term: string) => documents[numbers.get(term) ?? -1] ?? 0;
    const { column, analyzer, ngrams, sublinear, language, stem, dropStopWords } = step;
    return {
      step: 'tfidf',
      column,
      analyzer,
      ngrams,
      sublinear,
      ...(language === undefined ? {} : { language }),
      stem,
      dropStopWords,
      terms,
      idf: terms.map((term) => Math.log((1 + texts.length) / (1 + documentsOf(term))) + 1),
    };
  },
  operations: (fitted) => [
    {
      op: 'sparse',
      from: fitted.column,
      names: fitted.terms.map((term) => `${fitted.column}~${fitted.analyzer}:${term}`),
      vectorise: onFirstUse(() => createVectoriser(fitted)),
    },
  ],
});
