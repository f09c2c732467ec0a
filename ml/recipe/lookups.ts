import { RecipeError } from './scope.ts';
import type { LookupSpec } from './spec.ts';
import type { FindLookup } from './step.ts';

/** The state of a look-up after the last training row: one value of each name per key. NaN is missing. */
export type LookupTable = {
  name: string;
  keys: readonly string[];
  values: Readonly<Record<string, Float64Array>>;
};

/** @throws RecipeError where a table is absent, repeats a key, or lacks a value or rows of it. */
export function createFindLookup(specs: readonly LookupSpec[], tables: readonly LookupTable[]): FindLookup {
  const indexes = new Map<string, ReadonlyMap<string, number>>();
  for (const spec of specs) indexes.set(spec.name, indexTable(spec, tableOf(spec, tables)));

  return (lookup, value) => {
    const spec = specs.find(({ name }) => name === lookup);
    const index = indexes.get(lookup);
    const values = tables.find(({ name }) => name === lookup)?.values[value];
    if (spec === undefined || index === undefined || values === undefined) {
      throw new RecipeError([`lookups ${lookup}: no value '${value}'`]);
    }
    const fallback = spec.values[value] ?? Number.NaN;
    return {
      key: spec.key,
      find(key) {
        const row = key === null ? undefined : index.get(key);
        return row === undefined ? fallback : (values[row] as number);
      },
    };
  };
}

function tableOf(spec: LookupSpec, tables: readonly LookupTable[]): LookupTable {
  const table = tables.find(({ name }) => name === spec.name);
  if (table !== undefined) return table;
  const given = tables.map(({ name }) => name).join(', ') || 'none';
  throw new RecipeError([`lookups ${spec.name}: no table of this name; given: ${given}`]);
}

function indexTable(spec: LookupSpec, table: LookupTable): ReadonlyMap<string, number> {
  for (const value of Object.keys(spec.values)) {
    const length = table.values[value]?.length;
    if (length !== table.keys.length) {
      throw new RecipeError([
        `lookups ${spec.name}: ${length ?? 'no'} values of '${value}' for ${table.keys.length} keys`,
      ]);
    }
  }
  const index = new Map(table.keys.map((key, row) => [key, row]));
  if (index.size < table.keys.length) {
    throw new RecipeError([`lookups ${spec.name}: ${table.keys.length - index.size} keys are repeated`]);
  }
  return index;
}
