import { expect, test } from 'vitest';
import type { LabelledRows } from '../../threads/read-rows.ts';
import { createRowKeeper } from '../../threads/row-keeper.ts';

const rows = (count: number): LabelledRows => ({
  frame: { rows: count, columns: new Map() },
  keys: [],
  target: new Float64Array(count),
  lookups: [],
});

test('rows are read once while the same are asked for, and anew after others or once forgotten', async () => {
  const keeper = createRowKeeper();
  let reads = 0;
  const ask = (key: string) =>
    keeper.rows(key, async () => {
      reads += 1;
      return rows(reads);
    });
  expect(await ask('a')).toBe(await ask('a'));
  expect(reads).toBe(1);
  await ask('b');
  await ask('a');
  expect(reads).toBe(3);
  keeper.forget();
  await ask('a');
  expect(reads).toBe(4);
});

test('what could not be read is asked for again', async () => {
  const keeper = createRowKeeper();
  const failing = keeper.rows('a', () => Promise.reject(new Error('no such blob')));
  await expect(failing).rejects.toThrow('no such blob');
  expect((await keeper.rows('a', async () => rows(2))).frame.rows).toBe(2);
});
