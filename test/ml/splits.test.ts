import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Column } from '../../ml/frame.ts';
import { rowsOfFold } from '../../ml/splits/folds.ts';
import { byGroup } from '../../ml/splits/group.ts';
import { findSplit, splitSchema } from '../../ml/splits/registry.ts';
import { sides } from '../../ml/splits/split.ts';

const settings = splitSchema.parse({ by: 'group', column: 'customer', share: 0.3, salt: 'a' });
if (settings.by !== 'group') throw new Error('a split by group');

const textColumn = (values: readonly (string | null)[]): Column => ({ kind: 'text', values });
const rowsOf = (groups: readonly (string | null)[]) => ({
  rows: groups.length,
  keys: groups.map((_, row) => `order-${row}`),
  column: textColumn(groups),
});
const groupsSchema = fc.array(fc.option(fc.integer({ min: 0, max: 20 }).map((id) => `customer-${id}`)), {
  minLength: 30,
  maxLength: 120,
});

describe('a split by group', () => {
  test('has all rows of a group on one side, the same one however many rows there are', () => {
    fc.assert(
      fc.property(groupsSchema, fc.nat({ max: 29 }), (groups, first) => {
        const assigned = byGroup.assign(settings, rowsOf(groups));
        const sideOf = new Map(groups.map((group, row) => [group, assigned[row]]));
        groups.forEach((group, row) => {
          if (group !== null) expect(assigned[row]).toBe(sideOf.get(group));
        });
        const fewer = byGroup.assign(settings, rowsOf(groups.slice(0, first)));
        expect([...fewer]).toEqual([...assigned.slice(0, first)]);
      }),
    );
  });

  test('holds out about its share of the groups, and of the rows that have none', () => {
    const heldOut = (groups: readonly (string | null)[]) =>
      byGroup.assign(settings, rowsOf(groups)).filter((side) => side === sides.heldOut).length / 4_000;
    expect(heldOut(Array.from({ length: 4_000 }, (_, i) => `customer-${i}`))).toBeCloseTo(0.3, 1);
    expect(heldOut(Array.from({ length: 4_000 }, () => null))).toBeCloseTo(0.3, 1);
  });

  test('has all rows of a group in one fold, and folds as even as the groups allow', () => {
    fc.assert(
      fc.property(groupsSchema, fc.integer({ min: 2, max: 5 }), fc.nat(), (groups, count, seed) => {
        const folds = byGroup.folds(settings, rowsOf(groups), { count, seed });
        const foldOf = new Map(groups.map((group, row) => [group, folds.of[row]]));
        groups.forEach((group, row) => {
          if (group !== null) expect(folds.of[row]).toBe(foldOf.get(group));
        });
        const sizes = Array.from({ length: count }, (_, fold) => rowsOfFold(folds, fold).length);
        const greatest = Math.max(
          ...[...foldOf.keys()].map((group) => groups.filter((of) => of === group).length),
        );
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(greatest);
      }),
    );
  });

  test('is refused where there are fewer groups than folds, or no column of them', () => {
    const two = rowsOf(['a', 'b', 'a', 'b']);
    expect(() => byGroup.folds(settings, two, { count: 3, seed: 1 })).toThrow(
      '2 groups cannot make 3 folds; a group for each is needed',
    );
    expect(() => byGroup.assign(settings, { ...two, column: undefined })).toThrow(
      'the rows have no column "customer"',
    );
  });

  test('is comparable with one of the same column, salt and share, whose rows had the same keys', () => {
    const keys = { newer: 'order_id', older: 'order_id' };
    const whyNot = (other: object) => byGroup.whyNotComparable({ ...settings, ...other }, settings, keys);
    expect(whyNot({})).toBeNull();
    for (const other of [{ column: 'shop' }, { salt: 'b' }, { share: 0.2 }])
      expect(whyNot(other)).toBe('the two versions held out their rows by another salt, share or column');
    expect(byGroup.whyNotComparable(settings, settings, { ...keys, older: 'id' })).toBe(
      'the two versions held out their rows by the keys "order_id" and "id"',
    );
  });
});

test('an unknown split is refused with the names of those there are', () => {
  expect(() => findSplit({ by: 'luck' })).toThrow(
    'no split goes by luck; there are key, cutoff, group, stratified, none',
  );
});
