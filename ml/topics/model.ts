import { z } from 'zod';
import { ArtifactError, packContainer, unpackContainer } from '../artifact/container.ts';
import { weighDocument } from './inverse-frequencies.ts';
import { topicMethodSchema } from './method.ts';
import { mixtureOf } from './mixture.ts';
import { countWords, createDocumentReader } from './vocabulary.ts';

export const topicHeadSchema = z.strictObject({
  /** The columns of the rows that make a text, as `topicText` puts them together. */
  columns: z.array(z.string()).min(1),
  method: topicMethodSchema,
  /** Dirichlet prior of each of a document's topics; 0 of NMF. */
  documentPrior: z.number().min(0),
  /** NMF: by these, counts of terms become their weights. */
  inverseFrequencies: z.array(z.number()).nullable(),
  terms: z.array(z.string()),
  /** An id means the same topic in all versions in which it was found again. */
  topics: z.array(z.strictObject({ id: z.int().min(1), name: z.string() })),
  /** No topic of this or an earlier version had it. */
  nextId: z.int().min(1),
});

/** Topics as they are stored with a version and served. */
export type TopicModel = z.infer<typeof topicHeadSchema> & {
  /** Topics × terms, row-major; each row sums to 1. */
  words: Float64Array;
};

/** @throws ArtifactError where head and words do not belong together */
export function joinTopicModel(head: z.infer<typeof topicHeadSchema>, words: unknown): TopicModel {
  const size = head.topics.length * head.terms.length;
  if (!(words instanceof Float64Array) || words.length !== size)
    throw new ArtifactError(`the words of ${head.topics.length} topics are not ${size} numbers`);
  return { ...head, words };
}

/** One text of a row's columns; null where all are missing. */
export function topicText(parts: readonly (string | null | undefined)[]): string | null {
  const there = parts.filter((part) => typeof part === 'string');
  return there.length === 0 ? null : there.join(' . ');
}

/**
 * The weights of a text's topics, in the order of the model's topics: they sum to 1, or are all 0 where the text has
 * no word that any topic has. The same text has the same weights.
 */
export type TopicsOf = (text: string | null) => Float64Array;

/** Made once per loaded model. */
export function createTopicsOf(model: TopicModel): TopicsOf {
  const { words, documentPrior, inverseFrequencies } = model;
  const topics = model.topics.length;
  const read = createDocumentReader(model.terms);
  const inverse = inverseFrequencies === null ? null : Float64Array.from(inverseFrequencies);
  return (text) => {
    const counts = countWords(read(text));
    if (counts.indices.length === 0) return new Float64Array(topics);
    const document = inverse === null ? counts : weighDocument(counts, inverse);
    return mixtureOf(document, { words, topics, documentPrior });
  };
}

/** The topic that weighs most, of equal ones the first; -1 where none weighs anything. */
export function mainTopic(weights: Float64Array): number {
  let best = -1;
  for (let topic = 0; topic < weights.length; topic++)
    if ((weights[topic] as number) > (weights[best] ?? 0)) best = topic;
  return best;
}

/** Topics that weigh less are not worth telling of a text. */
const leastWeightTold = 0.01;

/** What a text is about, the heaviest topic first, of as heavy ones that with the smaller id. */
export const heaviestTopics = (
  { topics }: Pick<TopicModel, 'topics'>,
  weights: Float64Array,
): { id: number; name: string; weight: number }[] =>
  topics
    .map((topic, place) => ({ ...topic, weight: weights[place] as number }))
    .filter(({ weight }) => weight >= leastWeightTold)
    .sort((one, other) => other.weight - one.weight || one.id - other.id);

/** Bytes of topics by themselves, before they stand in a version's artifact. */
export const encodeTopicModel = ({ words, ...head }: TopicModel): Uint8Array =>
  packContainer(head, { words });

/** @throws ArtifactError where they are damaged */
export function decodeTopicModel(bytes: Uint8Array): TopicModel {
  const { content, sections } = unpackContainer(bytes);
  const head = topicHeadSchema.safeParse(content);
  if (!head.success)
    throw new ArtifactError(`the head of the topics is damaged: ${z.prettifyError(head.error)}`);
  return joinTopicModel(head.data, sections.words);
}
