import { type FeatureValues, singleFeatureScore } from '../../ml/metrics/single-feature.ts';
import { hash32 } from '../../ml/random.ts';
import { literal, type Session } from '../duckdb.ts';
import { commaNumber, converted } from './cell-values.ts';
import { type ColumnFacts, givenText } from './column-facts.ts';
import type { ColumnUse } from './column-use.ts';
import type { Target } from './target.ts';

/** More rows make no score clearer, and each takes memory. */
const mostRows = 50_000;
const heldOutShare = 0.5;

type ScoredColumn = { index: number; facts: ColumnFacts; use: ColumnUse };

/**
 * How well each column alone tells the target on held-out rows, by its index: ROC-AUC or R². Columns of no use, and
 * those for which the score is undefined, are not in it.
 */
export async function scoreColumns(
  session: Session,
  { columns, target, targetIndex }: { columns: readonly ScoredColumn[]; target: Target; targetIndex: number },
): Promise<ReadonlyMap<number, number>> {
  await session.run(
    `CREATE OR REPLACE TEMP TABLE sample AS SELECT * FROM (
       SELECT *, ${targetValue(target, targetIndex)} AS target_value FROM source)
     WHERE target_value IS NOT NULL ORDER BY md5("row"::VARCHAR) LIMIT ${mostRows}`,
  );
  const read = async (expression: string) => {
    const reader = await session.connection.runAndReadAll(
      `SELECT ${expression} AS x FROM sample ORDER BY "row"`,
    );
    return reader.getColumnsJS()[0] ?? [];
  };
  const ofTarget = Float64Array.from(await read('target_value'), Number);
  const rows = await read('"row"::DOUBLE');
  const heldOut = Uint8Array.from(rows, (row) => (hash32(String(row)) < heldOutShare * 2 ** 32 ? 1 : 0));
  const scores = new Map<number, number>();
  for (const column of columns) {
    const value = featureValue(column);
    if (value === undefined) continue;
    const cells = await read(value.sql);
    const values = value.isNumber
      ? Float64Array.from(cells, (cell) => (typeof cell === 'number' ? cell : Number.NaN))
      : cells.map((cell) => (typeof cell === 'string' ? cell : null));
    const score = scoreAlone({ values, target: ofTarget, heldOut }, target);
    if (score !== null) scores.set(column.index, score);
  }
  return scores;
}

function scoreAlone(
  rows: { values: FeatureValues; target: Float64Array; heldOut: Uint8Array },
  target: Target,
): number | null {
  if (target.task !== 'multiclass') return singleFeatureScore({ ...rows, task: target.task });
  let sum = 0;
  for (const index of target.classes.keys()) {
    const ofClass = rows.target.map((value) => (value === index ? 1 : 0));
    const score = singleFeatureScore({ ...rows, target: ofClass, task: 'binary' });
    if (score === null) return null;
    sum += score;
  }
  return sum / target.classes.length;
}

/** The number, or the index of the class. */
function targetValue(target: Target, index: number): string {
  const text = givenText(index);
  if (target.task === 'regression')
    return target.decimalComma ? commaNumber(text) : converted('number', text);
  const labels = target.task === 'binary' ? [target.negative, target.positive] : target.classes;
  const cases = labels.map((label, i) => `WHEN ${target.numeric ? label : literal(label)} THEN ${i}::DOUBLE`);
  return `CASE ${target.numeric ? converted('number', text) : text} ${cases.join(' ')} END`;
}

function featureValue({ index, facts, use }: ScoredColumn): { sql: string; isNumber: boolean } | undefined {
  const text = givenText(index);
  switch (use.use) {
    case 'number':
      return { sql: use.decimalComma ? commaNumber(text) : converted('number', text), isNumber: true };
    case 'time':
      return {
        sql: `epoch_ms(${converted('timestamp', text, facts.time?.formats)})::DOUBLE`,
        isNumber: true,
      };
    case 'boolean':
      return { sql: `${converted('boolean', text)}::INTEGER::DOUBLE`, isNumber: true };
    case 'category':
      return { sql: `v${index}`, isNumber: false };
    case 'none':
      return undefined;
    default:
      return use satisfies never;
  }
}
