import { type Pipeline, pipelineSchema } from './pipeline.ts';

/**
 * What of a declaration each kind of work is given. It can read no more, so what a step has come to follows from its
 * part alone, and a change elsewhere in the declaration leaves it as it is.
 */

type Keys<P> = P extends unknown ? keyof P : never;
type Without<P, K> = P extends unknown ? Omit<P, K & keyof P> : never;

/** A pipeline as it was loaded has more than its declaration, such as where it was and the hash of all of it. */
const declaredKeys: ReadonlySet<string> = new Set(
  pipelineSchema.options.flatMap(({ shape }) => Object.keys(shape)),
);

const withoutKeys = <P extends Pipeline, K extends string>(pipeline: P, keys: readonly K[]): Without<P, K> =>
  Object.fromEntries(
    Object.entries(pipeline).filter(([key]) => declaredKeys.has(key) && !keys.some((one) => one === key)),
  ) as Without<P, K>;

/** For people, for the gate and for serving; a candidate goes to its fit by itself. */
const besideWork = [
  'title',
  'description',
  'moments',
  'moment',
  'refused',
  'encodings',
  'candidates',
  'defaultCandidates',
  'variants',
  'gate',
  'tiers',
  'retrain',
  'example',
  'demo',
  'schedule',
  'reviews',
  'topics',
] as const satisfies readonly Keys<Pipeline>[];
const ofModels = ['threshold', 'scores', 'clusters', 'segmentNames', 'predictFrom'] as const;
const ofRows = ['tables', 'parameters', 'lookups', 'features'] as const;

/** What tables hold. */
export type TablesPart = Pick<Pipeline, 'tables'> & { rows: Pick<Pipeline['rows'], 'joined'> };
/** What makes entity rows of tables. */
export type RowsPart = Without<Pipeline, (typeof besideWork)[number] | (typeof ofModels)[number]>;
/** What makes a model of rows, beside the candidate with its recipe, and what measures it. */
export type ModelPart = Without<Pipeline, (typeof besideWork)[number] | (typeof ofRows)[number]>;

export const tablesPart = ({ tables, rows: { joined } }: Pipeline): TablesPart => ({
  tables,
  rows: { joined },
});
export const rowsPart = (pipeline: Pipeline): RowsPart => withoutKeys(pipeline, [...besideWork, ...ofModels]);
export const modelPart = <P extends Pipeline>(
  pipeline: P,
): Without<P, (typeof besideWork)[number] | (typeof ofRows)[number]> =>
  withoutKeys(pipeline, [...besideWork, ...ofRows]);
