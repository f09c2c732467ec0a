import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { toFailure } from '../../../activities/failure.ts';
import { count, withSession } from '../../../data/duckdb.ts';
import { readBlob } from '../../data/data-case.ts';
import { readCases } from '../read-cases.ts';
import { type DataCase, dataCaseSchema } from './data-case.ts';
import { type Outcome, runCase, soundRows } from './run-case.ts';

const corpus = readCases(dirname(fileURLToPath(import.meta.url)), dataCaseSchema);

test('the corpus of data holds at least sixty broken inputs', () => {
  expect(corpus.flatMap(({ cases }) => cases).length).toBeGreaterThanOrEqual(60);
});

describe.each(corpus)('broken input: $topic', ({ cases }) => {
  for (const given of cases) {
    test(given.case, () =>
      runCase(given, async (outcome) => {
        expectAnswer(given, outcome);
        await expectEveryRow(given, outcome);
      }),
    );
  }
});

function expectAnswer({ on, expect: wanted }: DataCase, { root, error, report, rows }: Outcome): void {
  if (wanted.error === undefined) {
    expect(error).toBeNull();
    if (on === 'small') {
      const [, kept = 0] = wanted.tables.orders ?? [];
      expect(rows?.entities).toBe(kept + soundRows);
    }
  } else {
    expect(error).not.toBeNull();
    const message = error?.message ?? '';
    for (const fragment of [wanted.error.message].flat()) expect(message).toContain(fragment);
    expect(error?.name).toBe(wanted.error.type);
    // Where the store and the scratch files are is nobody's business; and what is broken stays so.
    expect(message.replaceAll(`${root}/source`, '')).not.toContain(root);
    expect(message).not.toMatch(/perennial-|\bat \S+\.ts:\d+/);
    expect(toFailure(error)).toMatchObject({ nonRetryable: true });
  }
  const tables = report?.tables.filter(({ table }) => Object.hasOwn(wanted.tables, table)) ?? [];
  expect(
    Object.fromEntries(tables.map((found) => [found.table, [found.rowsIn, found.kept, found.quarantined]])),
  ).toEqual(wanted.tables);
  const warnings =
    report?.checks.filter(
      ({ severity, table }) => severity === 'warn' && Object.hasOwn(wanted.tables, table),
    ) ?? [];
  expect(warnings.map(({ table, message }) => `${table}: ${message}`)).toEqual(
    wanted.warnings.map((fragment) => expect.stringContaining(fragment)),
  );
  const excluded = Object.entries(rows?.excluded ?? {}).filter(([, { count }]) => count > 0);
  expect(Object.fromEntries(excluded.map(([rule, { count }]) => [rule, count]))).toEqual(wanted.excluded);
}

/** Rows in = kept + quarantined + excluded by rule, each counted where it is kept and not where it is reported. */
async function expectEveryRow({ expect: wanted }: DataCase, outcome: Outcome): Promise<void> {
  const { store, report, tables, quarantine, rows } = outcome;
  const setAside = quarantine === null ? [] : await readBlob(store, quarantine.sha256, 'ndjson');
  setAside.sort((a, b) => (a.file === b.file ? Number(a.row) - Number(b.row) : a.file < b.file ? -1 : 1));
  expect(setAside.map(place)).toEqual(wanted.quarantined.map((text) => expect.stringContaining(text)));
  for (const found of report?.tables ?? []) {
    expect(found.kept + found.quarantined).toBe(found.rowsIn);
    const own = setAside.filter(({ table }) => table === found.table);
    expect(new Set(own.map(({ file, row }) => `${file} ${row}`)).size).toBe(found.quarantined);
  }
  const kept = await countRows(store, tables);
  for (const name of Object.keys(tables))
    expect(report?.tables.find(({ table }) => table === name)?.kept).toBe(kept[name]);
  if (tables.orders !== undefined && (wanted.kept ?? wanted.first) !== undefined) {
    const orders = await readBlob(store, tables.orders.sha256);
    if (wanted.kept !== undefined) expect(orders.map(({ id }) => id)).toEqual(wanted.kept);
    if (wanted.first !== undefined) expect(orders[0]).toMatchObject(wanted.first);
  }
  if (rows === null) return;
  const excluded = Object.values(rows.excluded).reduce((sum, { count }) => sum + count, 0);
  expect(rows.kept + excluded).toBe(rows.entities);
  expect(rows.trainRows + rows.holdOutRows).toBe(rows.kept);
}

/** In one session: to open one takes longer than to count. */
async function countRows(
  store: Outcome['store'],
  tables: Outcome['tables'],
): Promise<Record<string, number>> {
  const selects = await Promise.all(
    Object.entries(tables).map(
      async ([name, { sha256 }]) =>
        `SELECT '${name}' AS name, count(*) AS n FROM read_parquet('${await store.localPath(sha256)}')`,
    ),
  );
  if (selects.length === 0) return {};
  const counted = await withSession({}, (session) => session.rows(selects.join(' UNION ALL ')));
  return Object.fromEntries(counted.map(({ name, n }) => [String(name), count(n)]));
}

const place = ({ file, row, line, reasons }: Record<string, unknown>): string =>
  `${file}${line === null ? `#${row}` : `:${line}`} ${Array.isArray(reasons) ? reasons.join('; ') : ''}`;
