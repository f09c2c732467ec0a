import { count, literal, quoted, withSession } from './duckdb.ts';

/**
 * How often each of the whole numbers stands in a column of a Parquet file.
 * @param path a file that the session may read
 * @param range both inclusive; what is outside, or no whole number, is not counted
 */
export async function countValues({
  path,
  column,
  range,
  signal,
}: {
  path: string;
  column: string;
  range: { from: number; to: number };
  signal?: AbortSignal | undefined;
}): Promise<Map<number, number>> {
  return withSession({ signal }, async (session) => {
    await session.closeToOutside([path]);
    const rows = await session.rows(
      `SELECT CAST(value AS INTEGER) AS value, count(*) AS n
       FROM (SELECT TRY_CAST(${quoted(column)} AS DOUBLE) AS value FROM read_parquet(${literal(path)}))
       WHERE value BETWEEN ${range.from} AND ${range.to} AND value = floor(value)
       GROUP BY 1 ORDER BY 1`,
    );
    return new Map(rows.map(({ value, n }) => [Number(value), count(n)]));
  });
}
