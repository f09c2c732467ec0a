import type { ColumnFacts } from '../../data/inference/column-facts.ts';
import { rowsWithValue } from '../../data/inference/column-use.ts';
import { type DeclaredColumn, type DeclaredTable, tableName } from './declared-columns.ts';
import { comment, flow, scalar } from './yaml-text.ts';

/** Of a file's name in a declaration; a longer one goes by its ending. */
const longestName = 128;

/** `tables`, `moments` and `rows`: what is read, and what one row is. */
export function tableText(table: DeclaredTable): readonly string[] {
  const { inferred, columns, key } = table;
  const { source, target } = inferred;
  return [
    ...comment(
      '',
      'What is read. A cell that is none of its type counts as missing; it and what lies far outside of what',
    ),
    ...comment(
      '',
      'was seen is reported with its line (severity: warn). With `quarantine` such a row would be set aside.',
    ),
    'tables:',
    `  ${tableName}:`,
    `    files: ${flow([source.file, '*.csv', '*.tsv', '*.txt', '*.parquet', '*.xlsx'].filter(isName))}`,
    ...(source.dialect.delimiter === ','
      ? []
      : [`    delimiter: ${JSON.stringify(source.dialect.delimiter)}`]),
    ...(source.dialect.encodings.length === 1 ? [] : [`    encodings: ${flow(source.dialect.encodings)}`]),
    ...(key.column === null ? [] : [`    primaryKey: ${flow([key.column])}`]),
    '    columns:',
    ...(key.column === null ? [] : [entry(key.column, { type: 'text', notNull: 'quarantine' })]),
    ...columns.map((column) =>
      entry(column.name, { ...rulesOf(column), severity: 'warn', ...emptiness(column) }),
    ),
    entry(target.name, { ...targetRules(table), severity: 'warn' }),
    '',
    ...comment(
      '',
      'When the model is asked. Give a column that is known only later a later moment, and its features are refused.',
    ),
    'moments:',
    '  - { name: prediction, description: The model is asked. }',
    'moment: prediction',
    '',
    ...rowsText(table),
  ];
}

const entry = (name: string, value: unknown): string => `      ${scalar(name)}: ${flow(value)}`;
const isName = (name: string): boolean => name.length <= longestName;

function rulesOf({ facts, use }: DeclaredColumn): Record<string, unknown> {
  switch (use.use) {
    case 'number':
      // A decimal comma is no number to the reader; rows.sql converts the text.
      return use.decimalComma ? { type: 'text' } : { type: 'number', ...widenedRange(facts) };
    case 'boolean':
      return { type: 'boolean' };
    case 'time': {
      const formats = facts.time?.formats;
      return { type: facts.time?.hasTime === true ? 'timestamp' : 'date', ...(formats && { formats }) };
    }
    case 'category':
      return { type: 'text', ...(use.levels && { oneOf: use.levels }) };
    default:
      return use satisfies never;
  }
}

function targetRules({ inferred: { target } }: DeclaredTable): Record<string, unknown> {
  if (target.task === 'regression') return { type: target.decimalComma ? 'text' : 'number' };
  return { type: target.numeric ? 'number' : 'text' };
}

function emptiness({ facts, use }: DeclaredColumn): Record<string, unknown> {
  const share = 1 - rowsWithValue(facts, use) / facts.rows;
  if (share === 0) return { notNull: 'warn' };
  return { maxNullShare: Math.min(1, Math.ceil((share + 0.1) * 100) / 100) };
}

/** As wide again on both sides as what was seen; a quantity that was never negative has no negative values. */
function widenedRange({ number }: ColumnFacts): { min?: number; max?: number } {
  if (number === undefined || number.min === number.max) return {};
  const width = number.max - number.min;
  const min = number.min >= 0 ? 0 : outward(number.min - width, Math.floor);
  return { min, max: outward(number.max + width, Math.ceil) };
}

/** Rounded to two digits, away from what was seen. */
function outward(bound: number, round: (value: number) => number): number {
  if (bound === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(bound))) - 1);
  return Number((round(bound / unit) * unit).toPrecision(3));
}

function rowsText({ inferred: { target }, columns, key, targetRowName }: DeclaredTable): readonly string[] {
  const values = withoutTarget(target);
  return [
    ...comment(
      '',
      'One row, as rows.sql makes it. A request is held to these columns; `required` are those that no row lacked.',
    ),
    'rows:',
    `  key: ${scalar(key.rowName)}`,
    '  exclusions:',
    `    without-target: ${scalar(`"${targetRowName}" is ${values}: there is nothing to learn from.`)}`,
    '  columns:',
    ...columns.map(({ rowName, facts, use }) => {
      const bounds = use.use === 'boolean' ? { min: 0, max: 1 } : {};
      const required = rowsWithValue(facts, use) === facts.rows ? { required: true } : {};
      const kind = kinds[use.use];
      const described = {
        kind,
        availableAt: 'prediction',
        ...required,
        ...bounds,
        description: describe(facts, use),
      };
      return `    ${scalar(rowName)}: ${flow(described)}`;
    }),
  ];
}

function withoutTarget(target: DeclaredTable['inferred']['target']): string {
  if (target.task === 'regression') return 'empty or no number';
  if (target.task === 'binary') return `empty, or neither ${target.positive} nor ${target.negative}`;
  return 'empty or none of the classes';
}

const kinds = { number: 'number', boolean: 'number', time: 'timestamp', category: 'category' } as const;

/** What was found in a column, in a few words. */
export function describe(facts: ColumnFacts, use: DeclaredColumn['use']): string {
  const missing = facts.rows - rowsWithValue(facts, use);
  const share = missing === 0 ? '' : `; ${percent(missing / facts.rows)} missing`;
  return `${whatItHolds(facts, use)}${share}`;
}

function whatItHolds({ number, time, distinct, levels }: ColumnFacts, use: DeclaredColumn['use']): string {
  switch (use.use) {
    case 'number':
      return `Number, ${shown(number?.min)} to ${shown(number?.max)}`;
    case 'boolean':
      return '1 for yes, 0 for no';
    case 'time':
      return `Time, ${time?.from} to ${time?.to}`;
    case 'category': {
      const first = levels
        .slice(0, 4)
        .map(({ value }) => (value.length > 30 ? `${value.slice(0, 29)}…` : value));
      return distinct <= first.length
        ? `One of ${first.join(', ')}`
        : `One of ${distinct.toLocaleString('en')} levels, such as ${first.join(', ')}`;
    }
    default:
      return use satisfies never;
  }
}

const shown = (value: number | undefined): string => String(Number(value?.toPrecision(6)));
const percent = (share: number): string => (share < 0.001 ? 'under 0.1 %' : `${(share * 100).toFixed(1)} %`);
