import type { Pipeline } from './pipeline.ts';

/**
 * What of a declaration each kind of work is given. It can read no more, so what a step has come to follows from its
 * part alone, and a change elsewhere in the declaration leaves it as it is.
 */

type Keys<P> = P extends unknown ? keyof P : never;
type Without<P, K> = P extends unknown ? Omit<P, K & keyof P> : never;

const withoutKeys = <P extends object, K extends string>(value: P, keys: readonly K[]): Without<P, K> =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.some((one) => one === key))) as Without<
    P,
    K
  >;

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
] as const satisfies readonly Keys<Pipeline>[];
const ofModels = ['threshold', 'scores', 'clusters', 'segmentNames', 'topics', 'predictFrom'] as const;
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
