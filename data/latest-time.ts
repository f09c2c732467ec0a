import { literal, quoted, withSession } from './duckdb.ts';

/** The latest time in a column of entity rows, to the microsecond: `2011-12-10 12:50:00`; undefined without any. */
export function readLatestTime(input: {
  path: string;
  column: string;
  signal?: AbortSignal | undefined;
}): Promise<string | undefined> {
  return withSession({ signal: input.signal }, async (session) => {
    await session.closeToOutside([input.path]);
    const [found] = await session.rows(
      `SELECT max(${quoted(input.column)})::VARCHAR AS latest FROM read_parquet(${literal(input.path)})`,
    );
    return typeof found?.latest === 'string' ? found.latest : undefined;
  });
}
