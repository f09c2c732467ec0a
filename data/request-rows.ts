import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pipeline } from '../contracts/pipeline.ts';
import { tablesInUse } from './assign-tables.ts';
import {
  checkForeignKeys,
  checkUniqueness,
  checkValues,
  type Finding,
  inOrderOfReference,
} from './checks.ts';
import { count, literal, quoted, type Session, type SessionOptions, withSession } from './duckdb.ts';
import { entityExpressions } from './entity-columns.ts';
import { RowsInvalid } from './errors.ts';
import { applyFilters } from './filters.ts';
import { emptyReading } from './read-csv.ts';
import { selectRecords } from './record-copy.ts';
import { createViews, materialise } from './table-views.ts';
import { createTypedTable, survivors, type TypedTable } from './typed-table.ts';

/** Rows of one table as they came with a request. */
export type RequestTable = {
  /** Declared columns, in the order of the cells. */
  columns: readonly string[];
  rows: number;
  /** Records of RFC 4180: the number of the row, nothing, and its cells as text. */
  csv: Uint8Array;
};

/** A rule that left rows out, of a table or (`table` null) of what was made from them. */
export type LeftOutRows = {
  table: string | null;
  rule: string;
  column: string | null;
  rows: number;
  message: string;
  /** One of them. */
  example: number | null;
};

export type RequestRows = {
  keys: string[];
  /** What a request would carry in place of the tables: the columns asked for. */
  instances: Record<string, string | number | null>[];
  leftOut: LeftOutRows[];
};

/**
 * Makes entities of raw rows as `validate` and `buildRows` make them for training: the same conversion, checks, filters
 * and query.
 *
 * @param input.at the reference time, in place of the parameter that sets it
 * @param input.columns of the entities, that are returned
 * @param input.limit entities at most; one more is returned where there are more
 * @throws RowsInvalid where the query fails on these rows, or they break a rule that would fail a run
 */
export async function makeRequestRows(input: {
  pipeline: Pipeline;
  rowsSql: string;
  tables: Readonly<Record<string, RequestTable>>;
  at: string | undefined;
  columns: readonly string[];
  limit: number;
  session?: SessionOptions;
}): Promise<RequestRows> {
  const { pipeline, rowsSql, tables, at } = input;
  return withSession(input.session ?? {}, async (session) => {
    await session.closeToOutside([]);
    const typed = new Map<string, TypedTable>();
    const leftOut: LeftOutRows[] = [];
    for (const [index, [name, declaration]] of Object.entries(tablesInUse(pipeline, false)).entries()) {
      const given = tables[name];
      if (given === undefined) continue;
      const path = join(session.scratch, `request-${index}.csv`);
      await writeFile(path, given.csv);
      const places = given.columns.map((_, place) => place);
      const reading = {
        ...emptyReading(),
        select: selectRecords({ copyPath: path, delimiter: ',', fields: places.length, places }),
        columns: [...given.columns],
        readable: given.rows,
        hasIsoTimes: true,
      };
      const file = { name, path, format: 'csv' as const };
      const table = await createTypedTable({ session, index, name, declaration, files: [{ file, reading }] });
      const filters = declaration.filters ?? {};
      const filtered = await applyFilters({ session, table, filters, parameters: defaultsOf(pipeline) });
      for (const [rule, { count: rows, reason }] of Object.entries(filtered))
        if (rows > 0) leftOut.push({ table: name, rule, column: null, rows, message: reason, example: null });
      typed.set(name, table);
    }
    for (const table of inOrderOfReference(typed)) leftOut.push(...(await checkTable(session, table, typed)));

    const selects = new Map([...typed].map(([name, table]) => [name, selectOf(table)]));
    await createViews({ session, pipeline, joined: false, selects, parameters: {} });
    const parameter = pipeline.predictFrom?.at;
    if (parameter !== undefined && at !== undefined)
      await session.run(`SET VARIABLE ${quoted(parameter)} = CAST(${literal(at)}::TIMESTAMPTZ AS TIMESTAMP)`);
    const title = `${pipeline.rows.sql} of pipeline "${pipeline.name}"`;
    await materialise({ session, sql: rowsSql, title, into: 'ours.entity' });
    return { ...(await readEntities({ ...input, session, title, leftOut })), leftOut };
  });
}

const defaultsOf = ({ parameters }: Pipeline) =>
  Object.fromEntries(Object.entries(parameters).map(([name, declared]) => [name, declared.default]));

const selectOf = (table: TypedTable): string => {
  const columns = table.columns.map((column, j) => `c${j} AS ${quoted(column)}`);
  return `SELECT ${columns.join(', ')} FROM ${survivors(table)} ORDER BY "row"`;
};

async function checkTable(
  session: Session,
  table: TypedTable,
  tables: ReadonlyMap<string, TypedTable>,
): Promise<LeftOutRows[]> {
  const findings: Finding[] = [
    ...(await checkValues(session, table)),
    ...(await checkUniqueness(session, table)),
    ...(await checkForeignKeys(session, table, tables)),
  ];
  const fatal = findings.find(({ severity }) => severity === 'fatal');
  if (fatal !== undefined)
    throw new RowsInvalid(`${table.name}: ${rowsText(fatal.offences)} ${fatal.summary}`);
  return findings.flatMap(({ severity, check, column, offences, summary, examples }) =>
    severity === 'warn'
      ? []
      : [
          {
            table: table.name,
            rule: check,
            column,
            rows: offences,
            message: `${rowsText(offences)} ${summary}`,
            example: examples[0]?.row ?? null,
          },
        ],
  );
}

const rowsText = (rows: number): string => (rows === 1 ? '1 row' : `${rows} rows`);

/** By key. Rows that an exclusion of the query names are added to `leftOut`. */
async function readEntities(input: {
  session: Session;
  pipeline: Pipeline;
  columns: readonly string[];
  limit: number;
  title: string;
  leftOut: LeftOutRows[];
}): Promise<Pick<RequestRows, 'keys' | 'instances'>> {
  const { session, pipeline, columns, limit, title, leftOut } = input;
  const described = await session.rows('DESCRIBE ours.entity');
  const types = new Map(described.map((row) => [String(row.column_name), String(row.column_type)]));
  const expressions = entityExpressions(pipeline, types);
  const hasExcluded = types.has('excluded');
  if (hasExcluded)
    for (const row of await session.rows(
      'SELECT CAST(excluded AS VARCHAR) AS rule, count(*) AS n FROM ours.entity WHERE excluded IS NOT NULL GROUP BY 1 ORDER BY 1',
    )) {
      const rule = String(row.rule);
      const message = pipeline.rows.exclusions[rule] ?? rule;
      leftOut.push({ table: null, rule, column: null, rows: count(row.n), message, example: null });
    }
  const key = expressions.get(pipeline.rows.key) ?? quoted(pipeline.rows.key);
  const values = columns.map((name) => {
    const expression = expressions.get(name) ?? quoted(name);
    return pipeline.rows.columns[name]?.kind === 'number'
      ? `CASE WHEN NOT isnan(${expression}) THEN ${expression} END`
      : `CAST(${expression} AS VARCHAR)`;
  });
  const reader = await session.connection.runAndReadAll(
    `SELECT ${[key, ...values].join(', ')} FROM ours.entity ${hasExcluded ? 'WHERE excluded IS NULL' : ''} ORDER BY 1 LIMIT ${limit + 1}`,
  );
  const rows = reader.getRowsJS();
  checkEntities(rows, { key: pipeline.rows.key, columns, title });
  return {
    keys: rows.map(([own]) => String(own)),
    instances: rows.map(([, ...cells]) =>
      Object.fromEntries(columns.map((name, i) => [name, plainValue(cells[i])])),
    ),
  };
}

/** As `checkKept` holds rows of a run. @param rows by key, which stands before the columns */
function checkEntities(
  rows: readonly (readonly unknown[])[],
  { key, columns, title }: { key: string; columns: readonly string[]; title: string },
): void {
  let former: unknown;
  for (const [own, ...cells] of rows) {
    if (own === null) throw new RowsInvalid(`${title}: the key "${key}" is empty in some rows`);
    if (own === former)
      throw new RowsInvalid(`${title}: the key "${key}" must be unique; some rows repeat "${own}"`);
    former = own;
    const infinite = cells.findIndex((cell) => cell === Infinity || cell === -Infinity);
    if (infinite !== -1)
      throw new RowsInvalid(
        `${title}: "${columns[infinite]}" is infinite for "${own}"; divide by nullif(…, 0)`,
      );
  }
}

const plainValue = (value: unknown): string | number | null =>
  typeof value === 'number' || typeof value === 'string' ? value : null;
