import type { ColumnDeclaration } from '../contracts/tables.ts';
import { count, literal, type Session } from './duckdb.ts';
import type { TypedTable } from './typed-table.ts';
import { survivors } from './typed-table.ts';

export type Severity = ColumnDeclaration['severity'];

/** One broken rule. Examples still lack the text of their values: that is fetched once for all checks. */
export type Finding = {
  check: string;
  column: string | null;
  /** Indexes of the columns whose text an example quotes. */
  quotes: number[];
  severity: Severity;
  offences: number;
  /** After a count and a space. */
  summary: string;
  /** What one offending row's value is. */
  verdict: string;
  examples: { file: number; row: number; line: number | null }[];
};

const maxExamples = 20;

type RowRule = Omit<Finding, 'offences' | 'examples'> & { where: string };

/** Rules that one row breaks by itself: types, ranges, enumerations, patterns, empty values. */
export async function checkValues(session: Session, table: TypedTable): Promise<Finding[]> {
  const rules = table.columns.flatMap((column, j) => {
    const declaration = table.declaration.columns[column];
    return declaration === undefined ? [] : columnRules(table, column, j, declaration);
  });
  if (rules.length === 0 || table.rows === 0) return [];
  const counts = rules.map(({ where }, index) => `count(*) FILTER (WHERE ${where}) AS n${index}`);
  const [counted = {}] = await session.rows(`SELECT ${counts.join(', ')} FROM ${table.typed}`);
  const findings: Finding[] = [];
  for (const [index, { where, ...rule }] of rules.entries()) {
    const offences = count(counted[`n${index}`]);
    if (offences > 0)
      findings.push(
        await record(session, table, { ...rule, offences }, `FROM ${table.typed} WHERE ${where}`),
      );
  }
  return findings;
}

function columnRules(table: TypedTable, column: string, j: number, declared: ColumnDeclaration): RowRule[] {
  const rules: RowRule[] = [];
  const add = (rule: Pick<RowRule, 'check' | 'where' | 'summary' | 'verdict'>, severity: Severity) =>
    rules.push({ ...rule, column, quotes: [j], severity });

  if (declared.type !== 'text') {
    const formats = declared.formats === undefined ? '' : ` in the form ${declared.formats.join(' or ')}`;
    add(
      {
        check: 'type',
        where: `x${j}`,
        summary: `in "${column}": no ${declared.type}${formats}`,
        verdict: `is no ${declared.type}${formats}`,
      },
      declared.severity,
    );
  }
  if (declared.type === 'number' || declared.type === 'integer') {
    if (declared.min !== undefined)
      add(
        {
          check: 'range',
          where: `c${j} < ${declared.min}`,
          summary: `in "${column}": below ${declared.min}`,
          verdict: `is below ${declared.min}`,
        },
        declared.severity,
      );
    if (declared.max !== undefined)
      add(
        {
          check: 'range',
          where: `c${j} > ${declared.max}`,
          summary: `in "${column}": above ${declared.max}`,
          verdict: `is above ${declared.max}`,
        },
        declared.severity,
      );
  }
  if (declared.oneOf !== undefined)
    add(
      {
        check: 'one-of',
        where: `CAST(c${j} AS VARCHAR) NOT IN (${declared.oneOf.map(literal).join(', ')})`,
        summary: `in "${column}": none of ${declared.oneOf.join(', ')}`,
        verdict: `is none of ${declared.oneOf.join(', ')}`,
      },
      declared.severity,
    );
  if (declared.pattern !== undefined)
    add(
      {
        check: 'pattern',
        where: `NOT regexp_matches(CAST(c${j} AS VARCHAR), ${literal(declared.pattern)})`,
        summary: `in "${column}": not of the form ${declared.pattern}`,
        verdict: `is not of the form ${declared.pattern}`,
      },
      declared.severity,
    );
  // Of CSV a record with a NUL was set aside before it came here.
  if (declared.type === 'text' && table.files.some(({ format }) => format === 'parquet'))
    add(
      {
        check: 'nul',
        where: `contains(c${j}, chr(0))`,
        summary: `in "${column}": holding a NUL character`,
        verdict: 'holds a NUL character',
      },
      'quarantine',
    );
  const emptyness = emptySeverity(table, column, declared);
  if (emptyness !== undefined)
    add(
      {
        check: 'not-null',
        where: `c${j} IS NULL AND NOT x${j}`,
        summary: `in "${column}": empty`,
        verdict: 'is empty',
      },
      emptyness,
    );
  return rules;
}

/** A part of the primary key must not be empty, whether or not the column says so. */
function emptySeverity(table: TypedTable, column: string, declared: ColumnDeclaration): Severity | undefined {
  if (declared.notNull !== undefined) return declared.notNull;
  return table.declaration.primaryKey?.includes(column) ? table.declaration.primaryKeySeverity : undefined;
}

/** Uniqueness among the rows that the value checks kept. The first of equal rows stays; later ones offend. */
export async function checkUniqueness(session: Session, table: TypedTable): Promise<Finding[]> {
  const { primaryKey, primaryKeySeverity, columns } = table.declaration;
  const keys: { check: string; columns: string[]; severity: Severity }[] = [];
  if (primaryKey !== undefined)
    keys.push({ check: 'primary-key', columns: primaryKey, severity: primaryKeySeverity });
  for (const [column, { unique }] of Object.entries(columns))
    if (unique !== undefined) keys.push({ check: 'unique', columns: [column], severity: unique });

  const findings: Finding[] = [];
  for (const key of keys) {
    const indexes = key.columns.map((column) => table.columns.indexOf(column));
    const values = indexes.map((j) => `c${j}`);
    const present = values.map((value) => `${value} IS NOT NULL`).join(' AND ');
    const repeated = `(SELECT ${values.join(', ')} FROM ${survivors(table)} WHERE ${present} GROUP BY ALL HAVING count(*) > 1)`;
    const later = `FROM (SELECT "file", "row", "line", row_number() OVER (PARTITION BY ${values.join(', ')} ORDER BY "file", "row") AS nth
      FROM ${survivors(table)} SEMI JOIN ${repeated} USING (${values.join(', ')})) WHERE nth > 1`;
    const [counted] = await session.rows(`SELECT count(*) AS n ${later}`);
    const offences = count(counted?.n);
    if (offences === 0) continue;
    const named = key.columns.map((column) => `"${column}"`).join(', ');
    findings.push(
      await record(
        session,
        table,
        {
          check: key.check,
          column: key.columns.length === 1 ? (key.columns[0] ?? null) : null,
          quotes: indexes,
          severity: key.severity,
          offences,
          summary: `repeat the ${named} of an earlier row`,
          verdict: `repeats the ${named} of an earlier row`,
        },
        later,
      ),
    );
  }
  return findings;
}

/** References to rows that the checks kept. Run after the referenced table's own checks. */
export async function checkForeignKeys(
  session: Session,
  table: TypedTable,
  tables: ReadonlyMap<string, TypedTable>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const key of table.declaration.foreignKeys) {
    const target = tables.get(key.table);
    // An optional table that is absent can be referred to by nothing.
    if (target === undefined) continue;
    const indexes = key.columns.map((column) => table.columns.indexOf(column));
    const present = indexes.map((j) => `f.c${j} IS NOT NULL`).join(' AND ');
    const matches = key.to.map(
      (column, k) =>
        `CAST(f.c${indexes[k]} AS VARCHAR) = CAST(p.c${target.columns.indexOf(column)} AS VARCHAR)`,
    );
    const orphans = `FROM ${survivors(table)} f WHERE ${present} AND NOT EXISTS (SELECT 1 FROM ${survivors(target)} p WHERE ${matches.join(' AND ')})`;
    const [counted] = await session.rows(`SELECT count(*) AS n ${orphans}`);
    const offences = count(counted?.n);
    if (offences === 0) continue;
    const to = `${key.table}.${key.to.join(', ')}`;
    findings.push(
      await record(
        session,
        table,
        {
          check: 'foreign-key',
          column: key.columns.length === 1 ? (key.columns[0] ?? null) : null,
          quotes: indexes,
          severity: key.severity,
          offences,
          summary: `in ${key.columns.map((column) => `"${column}"`).join(', ')}: not in ${to}`,
          verdict: `is not in ${to}`,
        },
        orphans,
      ),
    );
  }
  return findings;
}

/** Keeps examples, and sets the rows aside where the severity says so. */
async function record(
  session: Session,
  table: TypedTable,
  finding: Omit<Finding, 'examples'>,
  from: string,
): Promise<Finding> {
  const examples = await session.rows(
    `SELECT "file", "row", "line" ${from} ORDER BY "file", "row" LIMIT ${maxExamples}`,
  );
  if (finding.severity === 'quarantine') {
    const reason = table.reasons.push(`${finding.column ?? finding.check}: ${finding.verdict}`) - 1;
    await session.run(`INSERT INTO ${table.bad} SELECT "file", "row", ${reason} ${from}`);
  }
  return {
    ...finding,
    examples: examples.map((row) => ({
      file: count(row.file),
      row: count(row.row),
      line: row.line === null ? null : count(row.line),
    })),
  };
}

/** Tables in an order in which a referenced one comes before those that refer to it; cycles keep their order. */
export function inOrderOfReference(tables: ReadonlyMap<string, TypedTable>): TypedTable[] {
  const ordered: TypedTable[] = [];
  const visited = new Set<string>();
  const visit = (table: TypedTable): void => {
    if (visited.has(table.name)) return;
    visited.add(table.name);
    for (const { table: name } of table.declaration.foreignKeys) {
      const target = tables.get(name);
      if (target !== undefined) visit(target);
    }
    ordered.push(table);
  };
  for (const table of tables.values()) visit(table);
  return ordered;
}
