import { expect, test } from 'vitest';
import { formatDiff } from '../../cli/snapshot-diff.ts';
import { sha256Schema } from '../../contracts/ids.ts';
import type { TableDiff } from '../../contracts/snapshots.ts';

const [from, to] = ['a', 'b'].map((digit) => sha256Schema.parse(digit.repeat(64)));
const blob = (bytes: number) => ({ sha256: sha256Schema.parse('c'.repeat(64)), bytes });

const table: TableDiff = {
  table: 'orders',
  change: 'changed',
  files: { from: ['orders.csv'], to: ['orders.csv'] },
  problem: null,
  key: ['id'],
  rows: { from: 10, to: 11, added: 2, removed: 1, changed: 3 },
  unreadable: { from: 0, to: 4 },
  repeatedKeys: { from: 0, to: 0 },
  columns: {
    added: [{ column: 'channel', type: 'text' }],
    removed: [],
    both: 30,
    unusable: [],
    differing: 27,
    differences: [
      {
        column: 'amount',
        type: { from: 'integer', to: 'number' },
        missing: { from: 0, to: 2 },
        changed: 3,
        numbers: { from: { min: 1, mean: 2, max: 3 }, to: { min: 1, mean: 2.5, max: 9 } },
      },
    ],
  },
  examples: {
    added: [{ id: '11', amount: null, a: '1', b: '2', c: '3' }],
    removed: [{ id: '4' }],
    changed: [{ key: { id: '7' }, cells: [{ column: 'amount', from: '3', to: '9' }] }],
  },
};

function format(tables: readonly TableDiff[]): string {
  if (from === undefined || to === undefined) throw new Error('two ids are made');
  const files = {
    same: 1,
    differing: 1,
    differences: [
      { name: 'new.csv', change: 'renamed' as const, from: blob(5), to: blob(5), formerName: 'old.csv' },
    ],
  };
  const diff = { same: false, files, tables: [...tables] };
  return formatDiff({ diffId: from, from, to, status: 'done', failure: null, diff });
}

test('a diff names files, rows, columns and examples, and says how much it does not show', () => {
  const lines = format([table]).split('\n');
  for (const shown of [
    'aaaaaaaaaaaa → bbbbbbbbbbbb: 1 of 2 files differ',
    'renamed  old.csv → new.csv             5      5',
    'orders: 2 rows added, 1 removed, 3 changed; 10 → 11 (found again by id)',
    '  columns added: channel (text)',
    '  records that cannot be split into fields, and are not compared: 0 → 4',
    '  amount  integer → number        3  0 → 2      1  2 → 2.5000  3 → 9',
    '  and 26 more columns',
    '  ~ id=7: amount 3 → 9',
    '  + id=11 amount= a=1 b=2 …',
    '  - id=4',
  ])
    expect(lines).toContain(shown);
});

test('a table whose rows were not compared says why', () => {
  expect(format([{ ...table, rows: null, problem: 'a.csv is empty' }])).toContain(
    'orders: rows were not compared: a.csv is empty',
  );
});
