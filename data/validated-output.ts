import { join } from 'node:path';
import type { BlobRef, ValidationReport } from '../contracts/data.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { Finding } from './checks.ts';
import { shortened } from './columns.ts';
import { count, literal, quoted, type Session } from './duckdb.ts';
import type { QuarantineFile } from './quarantine.ts';
import { survivors, type TypedTable } from './typed-table.ts';

type Offence = ValidationReport['checks'][number]['examples'][number];

/**
 * Fetches the original text of every quarantined row and of every example in one pass over the records, writes
 * the former to the quarantine file, and completes the latter.
 */
export async function quoteOffences(input: {
  session: Session;
  table: TypedTable;
  findings: Finding[];
  quarantine: QuarantineFile;
}): Promise<(Omit<Finding, 'examples'> & { examples: Offence[] })[]> {
  const { session, table, findings, quarantine } = input;
  if (findings.length === 0) return [];
  const examples = [
    ...new Set(findings.flatMap((finding) => finding.examples.map(({ file, row }) => `(${file}, ${row})`))),
  ];
  const texts = new Map<string, (string | null)[]>();
  const result = await session.connection.stream(
    `WITH wanted AS (
       SELECT "file", "row", list(DISTINCT reason ORDER BY reason) FILTER (WHERE reason >= 0) AS reasons
       FROM (SELECT * FROM ${table.bad} UNION ALL SELECT *, -1 FROM (VALUES ${examples.join(', ')}) AS e("file", "row"))
       GROUP BY ALL)
     SELECT raw."file", raw."row", raw."line", wanted.reasons, ${table.columns.map((_, j) => `v${j}`).join(', ')}
     FROM (${table.raw}) raw JOIN wanted ON raw."file" = wanted."file" AND raw."row" = wanted."row"
     ORDER BY raw."file", raw."row"`,
  );
  const wantedAsExample = new Set(examples);
  for await (const rows of result.yieldRowsJson())
    for (const [file, row, line, reasons, ...values] of rows) {
      const texted = values.map((value) => (value === null ? null : String(value)));
      const key = `(${file}, ${row})`;
      if (wantedAsExample.has(key)) texts.set(key, texted);
      if (!Array.isArray(reasons)) continue;
      quarantine.append({
        table: table.name,
        file: table.files[count(file)]?.name ?? '',
        row: count(row),
        line: line === null ? null : count(line),
        reasons: reasons.map((reason) => table.reasons[count(reason)] ?? ''),
        values: Object.fromEntries(table.columns.map((column, j) => [column, texted[j] ?? null])),
      });
    }
  return findings.map((finding) => ({
    ...finding,
    examples: finding.examples.map(({ file, row, line }) => {
      const own = texts.get(`(${file}, ${row})`);
      const parts = finding.quotes.map((j) => own?.[j] ?? null);
      const value = parts.every((part) => part === null) ? null : shown(parts.join(', '));
      const name = table.files[file]?.name;
      return {
        line,
        row,
        ...(table.files.length === 1 || name === undefined ? {} : { file: name }),
        value,
        message: value === null ? finding.verdict : `"${value}" ${finding.verdict}`,
      };
    }),
  }));
}

/** A report is stored as JSON in Postgres, which takes no NUL. */
const shown = (text: string): string => shortened(text.replaceAll('\u0000', '\u2400'), 200);

/** Writes the kept rows as Parquet, in the order of the files, and counts what is in it. */
export async function writeTable(input: {
  session: Session;
  table: TypedTable;
  store: BlobStore;
}): Promise<{ blob: BlobRef; kept: number; quarantined: number; nullShares: Record<string, number> }> {
  const { session, table, store } = input;
  const path = join(session.scratch, `${table.typed}.parquet`);
  const columns = table.columns.map((column, j) => `c${j} AS ${quoted(column)}`);
  await session.run(
    `COPY (SELECT ${columns.join(', ')} FROM ${survivors(table)} ORDER BY "file", "row")
     TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  const nulls = table.columns.map((column, j) => `count(${quoted(column)}) AS n${j}`);
  const [counts = {}] = await session.rows(
    `SELECT count(*) AS n, ${nulls.join(', ')} FROM read_parquet(${literal(path)})`,
  );
  const [bad] = await session.rows(
    `SELECT count(*) AS n FROM (SELECT DISTINCT "file", "row" FROM ${table.bad})`,
  );
  const kept = count(counts.n);
  return {
    blob: await store.putFile(path, session),
    kept,
    quarantined: count(bad?.n),
    nullShares: Object.fromEntries(
      table.columns.map((column, j) => [column, kept === 0 ? 0 : 1 - count(counts[`n${j}`]) / kept]),
    ),
  };
}
