import { join } from 'node:path';
import { DOUBLE, DuckDBDataChunk, type DuckDBValue, VARCHAR } from '@duckdb/node-api';
import type { BlobRef } from '../contracts/data.ts';
import type { PreparedColumns } from '../ml/blocks.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { literal, quoted, withSession } from './duckdb.ts';

export type PreparedSide = {
  split: 'train' | 'hold-out';
  keys: readonly string[];
  target: Float64Array;
  prepared: PreparedColumns;
};

/** DuckDB takes no more rows in a chunk. */
const chunkRows = 2048;

/**
 * Writes rows as a learner gets them: key, target, `split`, then a column for each number and code, the latter by
 * its level. What is sparse is not written: its columns would be tens of thousands.
 */
export async function writePreparedRows(input: {
  sides: readonly PreparedSide[];
  names: { key: string; target: string };
  store: BlobStore;
  signal?: AbortSignal | undefined;
}): Promise<BlobRef> {
  const { sides, names, store, signal } = input;
  const [first] = sides;
  if (first === undefined) throw new RangeError('there are no rows to write');
  const { dense, codes } = first.prepared;
  const columns = [
    { name: names.key, type: VARCHAR },
    { name: names.target, type: DOUBLE },
    { name: 'split', type: VARCHAR },
    ...dense.map(({ name }) => ({ name, type: DOUBLE })),
    ...codes.map(({ name }) => ({ name, type: VARCHAR })),
  ];
  const types = columns.map(({ type }) => type);
  return withSession({ signal }, async (session) => {
    // By place: a feature may be called as the key is.
    const declared = columns.map(({ type }, i) => `c${i} ${type === DOUBLE ? 'DOUBLE' : 'VARCHAR'}`);
    await session.run(`CREATE TABLE prepared (${declared.join(', ')})`);
    const appender = await session.connection.createAppender('prepared');
    for (const side of sides)
      for (let from = 0; from < side.keys.length; from += chunkRows) {
        signal?.throwIfAborted();
        const to = Math.min(from + chunkRows, side.keys.length);
        const chunk = DuckDBDataChunk.create(types, to - from);
        chunk.setColumns(valuesOf(side, from, to));
        appender.appendDataChunk(chunk);
      }
    appender.closeSync();
    const path = join(session.scratch, 'prepared.parquet');
    const selected = columns.map(({ name }, i) => `c${i} AS ${quoted(freeName(columns, i, name))}`);
    await session.run(
      `COPY (SELECT ${selected.join(', ')} FROM prepared) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    return store.putFile(path, session);
  });
}

/** A feature may have the name of the key, of the target or of `split`. */
const freeName = (columns: readonly { name: string }[], place: number, name: string): string =>
  columns.findIndex((column) => column.name === name) < place ? `${name}_prepared` : name;

function valuesOf(
  { keys, target, split, prepared }: PreparedSide,
  from: number,
  to: number,
): DuckDBValue[][] {
  const rows = Array.from({ length: to - from }, (_, i) => from + i);
  const number = (value: number | undefined): DuckDBValue =>
    value === undefined || Number.isNaN(value) ? null : value;
  return [
    rows.map((row) => keys[row] ?? null),
    rows.map((row) => number(target[row])),
    rows.map(() => split),
    ...prepared.dense.map((column) =>
      column.kind === 'level'
        ? rows.map((row) => Number(column.slots[row] === column.slot))
        : rows.map((row) => number(column.values[row])),
    ),
    ...prepared.codes.map(({ levels, values }) => rows.map((row) => levels[values[row] ?? -1] ?? null)),
  ];
}
