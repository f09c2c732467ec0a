import { join } from 'node:path';
import type { BlobRef } from '../contracts/data.ts';
import type { RowsPart } from '../contracts/declaration-parts.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { count, literal, quoted, type Session, withSession } from './duckdb.ts';
import { RowsInvalid } from './errors.ts';
import { materialise } from './table-views.ts';

/**
 * Runs the query of each look-up, which gives `key` and the declared values, and writes all of them as one
 * Parquet file of (lookup, key, name, value), sorted; null where the pipeline has none.
 *
 * @throws RowsInvalid
 */
export async function buildLookups(input: {
  session: Session;
  pipeline: RowsPart;
  sql: Record<string, string>;
  store: BlobStore;
}): Promise<BlobRef | null> {
  const { session, pipeline, sql, store } = input;
  if (pipeline.lookups.length === 0) return null;
  const selects: string[] = [];
  for (const [index, lookup] of pipeline.lookups.entries()) {
    const title = `${lookup.sql}, look-up "${lookup.name}" of pipeline "${pipeline.name}"`;
    const text = sql[lookup.name];
    if (text === undefined) throw new RowsInvalid(`${title}: the SQL is missing`);
    const into = `ours.lookup_${index}`;
    await materialise({ session, sql: text, title, into });
    await checkLookup({ session, into, title, values: Object.keys(lookup.values) });
    for (const name of Object.keys(lookup.values))
      selects.push(
        `SELECT ${literal(lookup.name)} AS lookup, CAST(key AS VARCHAR) AS key, ${literal(name)} AS name, CAST(${quoted(name)} AS DOUBLE) AS value FROM ${into}`,
      );
  }
  const path = join(session.scratch, 'lookups.parquet');
  await session.run(
    `COPY (SELECT * FROM (${selects.join(' UNION ALL ')}) ORDER BY lookup, key, name) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  return store.putFile(path, session);
}

async function checkLookup(input: {
  session: Session;
  into: string;
  title: string;
  values: string[];
}): Promise<void> {
  const { session, into, title } = input;
  const described = await session.rows(`DESCRIBE ${into}`);
  const columns = described.map((row) => String(row.column_name));
  const missing = ['key', ...input.values].filter((name) => !columns.includes(name));
  if (missing.length > 0)
    throw new RowsInvalid(
      `${title}: no column ${missing.map((name) => `"${name}"`).join(', ')}; it gives ${columns.join(', ')}`,
    );
  const [counts = {}] = await session.rows(
    `SELECT count(*) AS n, count(key) AS keys, count(DISTINCT key) AS distinct_keys FROM ${into}`,
  );
  if (count(counts.keys) < count(counts.n) || count(counts.distinct_keys) < count(counts.n))
    throw new RowsInvalid(
      `${title}: keys must be present and unique; of ${count(counts.n)} rows ${count(counts.keys)} have one, ${count(counts.distinct_keys)} differ`,
    );
}

/** Look-up → key → value name → value. */
export type Lookups = Map<string, Map<string, Record<string, number | null>>>;

export async function readLookups(input: {
  path: string;
  signal?: AbortSignal | undefined;
}): Promise<Lookups> {
  return withSession({ signal: input.signal }, async (session) => {
    await session.closeToOutside([input.path]);
    const result = await session.connection.stream(
      `SELECT lookup, key, name, value FROM read_parquet(${literal(input.path)})`,
    );
    const lookups: Lookups = new Map();
    for await (const rows of result.yieldRowsJs())
      for (const [lookup, key, name, value] of rows) {
        const table = lookups.get(String(lookup)) ?? new Map<string, Record<string, number | null>>();
        lookups.set(String(lookup), table);
        const values = table.get(String(key)) ?? {};
        table.set(String(key), values);
        values[String(name)] = typeof value === 'number' ? value : null;
      }
    return lookups;
  });
}
