import { quoted } from '../../data/duckdb.ts';
import type { ColumnFacts } from '../../data/inference/column-facts.ts';
import type { ColumnUse } from '../../data/inference/column-use.ts';
import type { InferredTable } from '../../data/inference/infer-table.ts';

type Feature = Exclude<ColumnUse, { use: 'none' }>;

/** A column that becomes features, under the name that the file has and the one that the rows have. */
export type DeclaredColumn = { name: string; rowName: string; facts: ColumnFacts; use: Feature };

/** Everything that the two texts of a pipeline name. */
export type DeclaredTable = {
  inferred: InferredTable;
  columns: readonly DeclaredColumn[];
  /** Of the rows; `column` is null where it is made of a row's content. */
  key: { rowName: string; column: string | null };
  targetRowName: string;
};

/** The one table; its rows are what the file has a line of. */
export const tableName = 'records';

/** What the writer of entity rows calls its own. */
const reserved = ['split', 'excluded', '__ordinal', '__cutoff_time'];

export function declareColumns(inferred: InferredTable): DeclaredTable {
  const used = inferred.columns.flatMap(({ facts, use }) => (use.use === 'none' ? [] : [{ facts, use }]));
  const { key, target } = inferred;
  const taken = new Set(
    [...used.map(({ facts }) => facts.name), target.name, ...(key === null ? [] : [key])].map(folded),
  );
  const rowName = (name: string): string => {
    if (!reserved.includes(folded(name))) return name;
    return freeName(`${name}_`, taken);
  };
  return {
    inferred,
    columns: used.map(({ facts, use }) => ({ name: facts.name, rowName: rowName(facts.name), facts, use })),
    key: { rowName: key === null ? freeName('row_key', taken) : rowName(key), column: key },
    targetRowName: rowName(target.name),
  };
}

/** The name, or the name with underscores behind it; noted as taken. */
export function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  while (taken.has(folded(name))) name = `${name}_`;
  taken.add(folded(name));
  return name;
}

/** The database's names are the same in any case. */
const folded = (name: string): string => name.toLowerCase();

export const sqlColumn = (name: string): string => `${tableName}.${quoted(name)}`;
