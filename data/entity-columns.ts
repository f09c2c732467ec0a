import type { ModelPart, RowsPart } from '../contracts/declaration-parts.ts';
import type { ColumnKind } from '../ml/frame.ts';
import { literal, quoted } from './duckdb.ts';
import { RowsInvalid } from './errors.ts';

/** The columns of the entity rows as they are written: checked against what the SQL gave, cast to one type a kind. */

export type EntityColumns = {
  key: string;
  /** Null in clustering. */
  target: string | null;
  /** Declared columns, and the reference time where it is not one of them. */
  columns: Record<string, ColumnKind>;
};

export function entityColumns(pipeline: RowsPart | ModelPart): EntityColumns {
  const { key, asOf, columns } = pipeline.rows;
  const target = pipeline.task === 'clustering' ? null : pipeline.target.column;
  const kinds: Record<string, ColumnKind> = {};
  for (const [name, { kind }] of Object.entries(columns)) if (name !== target) kinds[name] = kind;
  if (asOf !== null) kinds[asOf] ??= 'timestamp';
  return { key, target, columns: kinds };
}

const numeric =
  /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|U[A-Z]*INT|UINTEGER|FLOAT|DOUBLE|DECIMAL\(.*\)|BOOLEAN)$/;
const textual = /^(VARCHAR|ENUM\(.*\)|UUID)$/;
const temporal = /^(DATE|TIMESTAMP|TIMESTAMP_S|TIMESTAMP_MS|TIMESTAMP_NS|TIMESTAMP WITH TIME ZONE)$/;
const accepted: Record<ColumnKind, { types: RegExp; sql: string }> = {
  number: { types: numeric, sql: 'DOUBLE' },
  category: { types: textual, sql: 'VARCHAR' },
  text: { types: textual, sql: 'VARCHAR' },
  timestamp: { types: temporal, sql: 'TIMESTAMP' },
};

/**
 * SQL expressions over the entity table, by output name.
 *
 * @param types the SQL's result: column → DuckDB type
 * @throws RowsInvalid naming every column that is missing or of another kind
 */
export function entityExpressions(
  pipeline: RowsPart | ModelPart,
  types: ReadonlyMap<string, string>,
): Map<string, string> {
  const { key, target, columns } = entityColumns(pipeline);
  const problems: string[] = [];
  const expressions = new Map<string, string>();
  if (!types.has(key)) problems.push(`the key "${key}" is missing`);
  expressions.set(key, `CAST(${quoted(key)} AS VARCHAR)`);
  for (const reserved of ['split', 'excluded'])
    if (columns[reserved] !== undefined || key === reserved)
      problems.push(`"${reserved}" is a name of our own`);
  for (const [name, kind] of Object.entries(columns)) {
    const type = types.get(name);
    if (type === undefined) problems.push(`column "${name}" is missing`);
    else if (!accepted[kind].types.test(type))
      problems.push(`column "${name}" is declared as ${kind}, the SQL gives ${type}`);
    if (name !== key) expressions.set(name, `CAST(${quoted(name)} AS ${accepted[kind].sql})`);
  }
  if (target !== null) {
    const type = types.get(target);
    if (type === undefined) problems.push(`the target "${target}" is missing`);
    else expressions.set(target, targetExpression(pipeline, target, type));
  }
  if (problems.length > 0)
    throw new RowsInvalid(
      `${pipeline.rows.sql} of pipeline "${pipeline.name}": ${problems.join('; ')}; it gives ${[...types.keys()].join(', ')}`,
    );
  return expressions;
}

/** The target as a number: the value, 1 for the positive class, or the index of the class; NULL where it is none. */
function targetExpression(pipeline: RowsPart | ModelPart, target: string, type: string): string {
  const column = quoted(target);
  switch (pipeline.task) {
    case 'regression':
      return numeric.test(type)
        ? `CASE WHEN isfinite(CAST(${column} AS DOUBLE)) THEN CAST(${column} AS DOUBLE) END`
        : 'CAST(NULL AS DOUBLE)';
    case 'binary': {
      if (numeric.test(type))
        return `CASE CAST(${column} AS DOUBLE) WHEN 0 THEN 0::DOUBLE WHEN 1 THEN 1::DOUBLE END`;
      const { positive, negative } = pipeline.target;
      return `CASE ${column} WHEN ${literal(negative)} THEN 0::DOUBLE WHEN ${literal(positive)} THEN 1::DOUBLE END`;
    }
    case 'multiclass': {
      const cases = pipeline.target.classes.map(
        (name, index) => `WHEN ${literal(name)} THEN ${index}::DOUBLE`,
      );
      return `CASE CAST(${column} AS VARCHAR) ${cases.join(' ')} END`;
    }
    case 'clustering':
      throw new Error('a clustering has no target');
    default:
      return pipeline satisfies never;
  }
}
