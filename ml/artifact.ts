import { z } from 'zod';
import { ArtifactError, containerFormat, packContainer, unpackContainer } from './artifact/container.ts';
import { type ClusterChoice, clusterChoiceSchema } from './clustering/choice.ts';
import type { DecisionRule } from './decision.ts';
import type { JsonValue, Sections, Task } from './learner.ts';
import type { TargetRange } from './range.ts';
import type { LookupTable } from './recipe/lookups.ts';
import { type FittedRecipe, fittedRecipeSchema } from './recipe/recipe.ts';
import { joinTopicModel, type TopicModel, topicHeadSchema } from './topics/model.ts';

/**
 * A trained model as it is stored and served. Holds no time, host or run id: the same snapshot, code and seed give
 * the same bytes.
 */
export type Artifact = {
  format: typeof containerFormat;
  task: Task;
  /** In the order of the learner's classes (binary: negative, positive), or the names of the clusters; null for regression. */
  classes: readonly string[] | null;
  /** Regression: predictions are held to it; null where the target has no declared bounds. */
  range: TargetRange | null;
  /** The moment of prediction. */
  moment: string;
  /** Latest reference time of the training rows, `2011-12-10 12:50:00` in UTC, where rows are made at prediction. */
  asOf?: string | undefined;
  /** Clusters, where there was a choice: by what their number was chosen, and its values for the numbers tried. */
  choice?: ClusterChoice | undefined;
  /** What texts are about, where topics were learned beside the classes. */
  topics?: TopicModel | undefined;
  recipe: FittedRecipe;
  lookups: readonly LookupTable[];
  learner: { name: string; head: JsonValue };
  sections: Sections;
  /** What the naive baseline answers, and other base values of the training rows. */
  baseline: JsonValue;
  goldenRows: readonly GoldenRow[];
} & DecisionRule;

/** A replica counts as loaded once it reproduces these scores; `score` has one number per output. */
export type GoldenRow = { instance: { readonly [input: string]: JsonValue }; score: readonly number[] };

const contentSchema = z.strictObject({
  task: z.enum(['regression', 'binary', 'multiclass', 'clustering']),
  classes: z.array(z.string()).nullable(),
  threshold: z.number().nullable(),
  decisionWeights: z.array(z.number()).optional(),
  // Artifacts of before there was a range have none.
  range: z.strictObject({ min: z.number().nullable(), max: z.number().nullable() }).nullable().default(null),
  moment: z.string(),
  asOf: z.string().optional(),
  choice: clusterChoiceSchema.optional(),
  topics: topicHeadSchema.optional(),
  recipe: fittedRecipeSchema,
  lookups: z.array(
    z.strictObject({ name: z.string(), keys: z.array(z.string()), values: z.array(z.string()) }),
  ),
  learner: z.strictObject({ name: z.string(), head: z.json() }),
  baseline: z.json(),
  goldenRows: z.array(
    z.strictObject({ instance: z.record(z.string(), z.json()), score: z.array(z.number()) }),
  ),
});

const learnerPrefix = 'learner/';
const topicWords = 'topics/words';
const lookupSection = (lookup: string, value: string) =>
  `lookup/${encodeURIComponent(lookup)}/${encodeURIComponent(value)}`;

/**
 * Bytes of a model, not compressed. Equal artifacts give equal bytes.
 *
 * @throws ArtifactError over 64 MiB; TypeError where the head holds what JSON cannot (NaN, infinities).
 */
export function encodeArtifact(artifact: Artifact): Uint8Array {
  const { format: _, sections, lookups, topics, ...head } = artifact;
  const all: Record<string, Sections[string]> = {};
  const { words, ...topicHead } = topics ?? {};
  if (words !== undefined) all[topicWords] = words;
  for (const [name, section] of Object.entries(sections)) all[learnerPrefix + name] = section;
  for (const { name, values } of lookups) {
    for (const [value, column] of Object.entries(values)) all[lookupSection(name, value)] = column;
  }
  const tables = lookups.map(({ name, keys, values }) => ({
    name,
    keys,
    values: Object.keys(values).sort(),
  }));
  return packContainer(
    { ...head, lookups: tables, ...(topics === undefined ? {} : { topics: topicHead }) },
    all,
  );
}

/**
 * The model of these bytes; its numbers are views into them.
 *
 * @throws ArtifactError where they are cut off, damaged, of a newer format or over 64 MiB.
 */
export function decodeArtifact(bytes: Uint8Array): Artifact {
  const { content, sections: all } = unpackContainer(bytes);
  const parsed = contentSchema.safeParse(content);
  if (!parsed.success) {
    throw new ArtifactError(`the head of the artifact is damaged: ${z.prettifyError(parsed.error)}`);
  }
  const lookups = parsed.data.lookups.map(({ name, keys, values }) => ({
    name,
    keys,
    values: Object.fromEntries(
      values.map((value) => [value, lookupColumn({ all, name, value, rows: keys.length })]),
    ),
  }));
  const sections = Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => name.startsWith(learnerPrefix))
      .map(([name, section]) => [name.slice(learnerPrefix.length), section]),
  );
  const { topics, ...rest } = parsed.data;
  return {
    format: containerFormat,
    ...rest,
    ...(topics === undefined ? {} : { topics: joinTopicModel(topics, all[topicWords]) }),
    lookups,
    sections,
  };
}

function lookupColumn(options: { all: Sections; name: string; value: string; rows: number }): Float64Array {
  const { all, name, value, rows } = options;
  const section = all[lookupSection(name, value)];
  if (section instanceof Float64Array && section.length === rows) return section;
  throw new ArtifactError(
    `look-up '${name}' has ${section?.length ?? 'no'} values of '${value}' for ${rows} keys`,
  );
}
