import type { Session } from '../duckdb.ts';
import { commaNumber, converted } from './cell-values.ts';
import { type ColumnFacts, givenText } from './column-facts.ts';
import type { ColumnUse } from './column-use.ts';

type ExampleColumn = { index: number; facts: ColumnFacts; use: ColumnUse };

/** The row with a target that lacks the fewest values, as a request writes it. */
export async function readExample(
  session: Session,
  { columns, targetIndex }: { columns: readonly ExampleColumn[]; targetIndex: number },
): Promise<Readonly<Record<string, string | number | null>>> {
  const fields = columns.flatMap(({ index, facts, use }) => {
    const sql = requestValue(index, facts, use);
    return sql === undefined ? [] : [{ name: facts.name, sql }];
  });
  const given = fields.map((_, i) => `(e${i} IS NOT NULL)::INTEGER`);
  const [row = {}] = await session.rows(
    `SELECT * FROM (SELECT "row", ${fields.map(({ sql }, i) => `${sql} AS e${i}`).join(', ')}
       FROM source WHERE ${givenText(targetIndex)} IS NOT NULL)
     ORDER BY ${given.join(' + ')} DESC, "row" LIMIT 1`,
  );
  return Object.fromEntries(
    fields.map(({ name }, i) => {
      const value = row[`e${i}`];
      return [name, typeof value === 'number' || typeof value === 'string' ? value : null];
    }),
  );
}

function requestValue(index: number, { time }: ColumnFacts, use: ColumnUse): string | undefined {
  const text = givenText(index);
  switch (use.use) {
    case 'number':
      return use.decimalComma ? commaNumber(text) : converted('number', text);
    case 'boolean':
      return `${converted('boolean', text)}::INTEGER`;
    case 'time':
      return `strftime(${converted('timestamp', text, time?.formats)}, ${time?.hasTime === true ? "'%Y-%m-%d %H:%M:%S'" : "'%Y-%m-%d'"})`;
    case 'category':
      return `v${index}`;
    case 'none':
      return undefined;
    default:
      return use satisfies never;
  }
}
