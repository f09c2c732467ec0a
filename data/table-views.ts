import type { BlobRef } from '../contracts/data.ts';
import type { RowsPart } from '../contracts/declaration-parts.ts';
import type { ParameterDeclaration } from '../contracts/parameter.ts';
import type { RunParameters } from '../contracts/runs.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { tablesInUse } from './assign-tables.ts';
import { isInterruption, literal, quoted, type Session } from './duckdb.ts';
import { RowsInvalid } from './errors.ts';
import { columnType } from './typed-table.ts';

/**
 * Makes the validated tables visible to a pipeline's SQL under their names, absent optional ones as empty, and
 * its run parameters by `getvariable('name')`; then closes the session to everything else.
 */
export async function exposeTables(input: {
  session: Session;
  pipeline: RowsPart;
  joined: boolean;
  tables: Record<string, BlobRef>;
  store: BlobStore;
  parameters: RunParameters;
}): Promise<void> {
  const { session, tables, store } = input;
  const paths = new Map<string, string>();
  for (const [name, blob] of Object.entries(tables)) paths.set(name, await store.localPath(blob.sha256));
  await session.closeToOutside([...paths.values()]);
  const selects = new Map(
    [...paths].map(([name, path]) => [name, `SELECT * FROM read_parquet(${literal(path)})`]),
  );
  await createViews({ ...input, selects });
}

/** The same of tables wherever they are. @param input.selects by table; one that is not in it is empty */
export async function createViews(input: {
  session: Session;
  pipeline: RowsPart;
  joined: boolean;
  selects: ReadonlyMap<string, string>;
  parameters: RunParameters;
}): Promise<void> {
  const { session, pipeline, selects } = input;
  // What we make ourselves stands apart, for a pipeline may name a table anything.
  await session.run('CREATE SCHEMA ours');
  for (const [name, declaration] of Object.entries(tablesInUse(pipeline, input.joined))) {
    const empty = Object.keys(declaration.columns).map(
      (column) => `CAST(NULL AS ${columnType(declaration, column)}) AS ${quoted(column)}`,
    );
    const select = selects.get(name) ?? `SELECT ${empty.join(', ')} WHERE false`;
    await session.run(`CREATE VIEW ${quoted(name)} AS ${select}`);
  }
  for (const [name, declaration] of Object.entries(pipeline.parameters))
    await session.run(
      `SET VARIABLE ${quoted(name)} = ${parameterLiteral(declaration, input.parameters[name] ?? declaration.default)}`,
    );
}

function parameterLiteral(declaration: ParameterDeclaration, value: RunParameters[string]): string {
  switch (declaration.type) {
    case 'number':
      return `CAST(${literal(String(value))} AS DOUBLE)`;
    case 'integer':
      return `CAST(${literal(String(value))} AS BIGINT)`;
    case 'boolean':
      return value === true ? 'true' : 'false';
    case 'date':
      return `CAST(${value === '' ? 'NULL' : literal(String(value))} AS DATE)`;
    case 'text':
      return literal(String(value));
    case 'candidates':
      return `CAST([${(Array.isArray(value) ? value : []).map(literal).join(', ')}] AS VARCHAR[])`;
    default:
      return declaration satisfies never;
  }
}

/**
 * Runs a pipeline's query into a table.
 * @throws RowsInvalid where it is not one query or DuckDB refuses it
 */
export async function materialise(input: {
  session: Session;
  sql: string;
  /** What the query is called in messages. */
  title: string;
  /** With its schema. */
  into: string;
}): Promise<void> {
  const { session, sql, title, into } = input;
  try {
    const statements = await session.connection.extractStatements(sql);
    if (statements.count !== 1)
      throw new RowsInvalid(`${title} must be one query, not ${statements.count} statements`);
    // The line break ends a comment on the last line.
    await session.run(`CREATE TABLE ${into} AS (${sql.trim().replace(/;\s*$/, '')}\n)`);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof RowsInvalid || isInterruption(error)) throw error;
    throw new RowsInvalid(`${title}: ${error.message.trim()}`, { cause: error });
  }
}
