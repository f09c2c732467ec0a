import type { RowsReport } from '../contracts/data.ts';
import type { RowsPart } from '../contracts/declaration-parts.ts';
import type { ColumnKind } from '../ml/frame.ts';
import { columnsRead } from '../ml/recipe/declare.ts';
import { featureName } from '../ml/recipe/features/registry.ts';
import type { FeatureStep } from '../ml/recipe/spec.ts';
import { count, quoted, type Session } from './duckdb.ts';
import { entityColumns } from './entity-columns.ts';

export type LeftOut = NonNullable<RowsReport['leftOut']>;

/** Levels that hardly ever repeat name the row; fewer rows than this say nothing about it. */
const identifierShare = 0.9;
const fewestLevels = 50;
/**
 * Whole numbers that never repeat, although they come from a span hardly wider than their count, were dealt out: by
 * chance a hundred numbers of a span ten times as wide repeat in 99 of 100 cases.
 */
const fewestNumbers = 100;
const widestSpan = 10;

/** `distinct` is counted where the column may be an identifier, else 0. */
type Values = { kind: ColumnKind; present: number; constant: string | null; distinct: number };

/**
 * Features that no model should have, by what the rows to train on hold: the same value everywhere, or a value of
 * its own for each row. An identifier that its declaration refuses is no feature to begin with.
 *
 * @param rows FROM clause of the rows to train on
 */
export async function findLeftOut(input: {
  session: Session;
  pipeline: RowsPart;
  rows: string;
}): Promise<LeftOut> {
  const { session, pipeline, rows } = input;
  const read = new Set(pipeline.features.flatMap((step) => columnsRead(step, pipeline.lookups)));
  const columns = Object.entries(entityColumns(pipeline).columns).filter(([name]) => read.has(name));
  const values = await readValues(session, columns, rows);

  const leftOut: LeftOut = {};
  const constants = new Map(
    [...values].flatMap(([name, { constant }]) => (constant === null ? [] : [[name, constant]])),
  );
  for (const step of pipeline.features) {
    const name = featureName(step);
    const constant = constantOf(step, { pipeline, constants });
    if (constant !== null) {
      constants.set(name, constant);
      leftOut[name] = { rule: 'constant', message: `${constant} in every row to train on` };
      continue;
    }
    if (step.step !== 'take') continue;
    const message = identifierMessage(step.column, values.get(step.column));
    if (message !== null) leftOut[name] = { rule: 'identifier', message };
  }
  return leftOut;
}

/** What a feature says in every row: made of columns that never change, it never changes either. */
function constantOf(
  step: FeatureStep,
  { pipeline, constants }: { pipeline: RowsPart; constants: ReadonlyMap<string, string> },
): string | null {
  // Its column of the past is not among those that it reads.
  if (step.step === 'lookup') return null;
  const columns = columnsRead(step, pipeline.lookups);
  const found = columns.flatMap((column) => constants.get(column) ?? []);
  return found.length < columns.length ? null : [...new Set(found)].join(', ');
}

function identifierMessage(column: string, values: Values | undefined): string | null {
  if (values === undefined) return null;
  const { kind, present, distinct } = values;
  const isIdentifier = kind === 'number' ? distinct === present : distinct >= identifierShare * present;
  if (distinct === 0 || !isIdentifier) return null;
  return `"${column}" has ${distinct} different values in ${present} rows, as an identifier has: name it under "refused"`;
}

/** One pass for the facts of all columns, and one that counts values where a column may be an identifier. */
async function readValues(
  session: Session,
  columns: readonly (readonly [name: string, kind: ColumnKind])[],
  rows: string,
): Promise<Map<string, Values>> {
  const aggregates = columns.map(([name, kind], i) => {
    const value = quoted(name);
    const ofNumbers =
      kind === 'number'
        ? `, bool_and(${value} = floor(${value})) AS whole${i}, max(${value}) - min(${value}) AS span${i}`
        : '';
    return `count(${value}) AS present${i}, CAST(min(${value}) AS VARCHAR) AS low${i}, min(${value}) = max(${value}) AS same${i}${ofNumbers}`;
  });
  const [facts = {}] = await session.rows(`SELECT count(*) AS n, ${aggregates.join(', ')} ${rows}`);
  const total = count(facts.n);
  const values = new Map<string, Values>();
  const suspects: string[] = [];
  for (const [i, [name, kind]] of columns.entries()) {
    const present = count(facts[`present${i}`]);
    const isConstant = present === 0 || (present === total && facts[`same${i}`] === true);
    const constant = isConstant ? `"${name}" is ${present === 0 ? 'empty' : String(facts[`low${i}`])}` : null;
    const isNarrow =
      facts[`whole${i}`] === true &&
      present >= fewestNumbers &&
      Number(facts[`span${i}`]) <= widestSpan * present;
    values.set(name, { kind, present, constant, distinct: 0 });
    // Times and texts are no identifiers, however seldom they repeat.
    if (!isConstant && (isNarrow || (kind === 'category' && present >= fewestLevels))) suspects.push(name);
  }
  if (suspects.length === 0) return values;
  const counts = suspects.map((name, i) => `count(DISTINCT ${quoted(name)}) AS n${i}`);
  const [counted = {}] = await session.rows(`SELECT ${counts.join(', ')} ${rows}`);
  for (const [i, name] of suspects.entries()) {
    const own = values.get(name);
    if (own !== undefined) own.distinct = count(counted[`n${i}`]);
  }
  return values;
}
