import type { ModelPart } from '../contracts/declaration-parts.ts';
import { entityColumns } from '../data/entity-columns.ts';
import { readFrame } from '../data/frame.ts';
import { readLatestTime } from '../data/latest-time.ts';
import { type Lookups, readLookups } from '../data/lookups.ts';
import type { Frame } from '../ml/frame.ts';
import type { LookupTable } from '../ml/recipe/lookups.ts';
import type { InputColumn, LookupSpec } from '../ml/recipe/spec.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { RowsFiles } from './tasks.ts';

/** `keys` name the entities of the frame's rows; the target is empty where the task has none. */
export type LabelledRows = {
  frame: Frame;
  keys: readonly string[];
  target: Float64Array;
  lookups: readonly LookupTable[];
  /** The latest reference time, where predictions are made from tables and need one. */
  asOf?: string | undefined;
};

/** One side of the split, with the columns that the recipe reads. */
export async function readRows(options: {
  store: BlobStore;
  rows: RowsFiles;
  pipeline: ModelPart;
  recipe: { inputs: readonly InputColumn[]; lookups: readonly LookupSpec[] };
  split: 'train' | 'hold-out';
  /** Columns that are read though the recipe does not. */
  besides?: readonly string[];
  signal: AbortSignal;
}): Promise<LabelledRows> {
  const { store, rows, pipeline, recipe, split, besides = [], signal } = options;
  const { key, target, columns: declared } = entityColumns(pipeline);
  const inputs = new Set([...recipe.inputs.map(({ name }) => name), ...besides]);
  // As-of columns of look-ups are no inputs of a recipe, but training reads them.
  const columns = Object.fromEntries(
    Object.entries(declared).filter(([name]) => inputs.has(name) || recipe.lookups.length > 0),
  );
  const path = await store.localPath(rows.blob.sha256);
  const read = await readFrame({ path, key, target, columns, split, signal });
  const lookups =
    rows.lookups === null
      ? []
      : lookupTables(
          recipe.lookups,
          await readLookups({ path: await store.localPath(rows.lookups.sha256), signal }),
        );
  const { asOf } = pipeline.rows;
  if (pipeline.predictFrom?.at === undefined || asOf === null) return { ...read, lookups };
  return { ...read, lookups, asOf: await readLatestTime({ path, column: asOf, signal }) };
}

function lookupTables(specs: readonly LookupSpec[], lookups: Lookups): LookupTable[] {
  return specs.map(({ name, values }) => {
    const table = lookups.get(name) ?? new Map<string, Record<string, number | null>>();
    const keys = [...table.keys()];
    const column = (value: string) => Float64Array.from(keys, (key) => table.get(key)?.[value] ?? Number.NaN);
    return {
      name,
      keys,
      values: Object.fromEntries(Object.keys(values).map((value) => [value, column(value)])),
    };
  });
}
