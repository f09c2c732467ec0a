import { describe, expect, it } from 'vitest';
import type { CoreLender } from '../../threads/lend-cores.ts';
import { createPacedCores } from '../../threads/paced-cores.ts';

/** Grows trees on a clock of its own: `msOf` says how long one takes with so many helpers. */
function grow(trees: number, msOf: (helpers: number, tree: number) => number, free: () => number = () => 1) {
  let nowMs = 0;
  let given = 0;
  const lender: CoreLender = {
    most: 1,
    enlist: () => {},
    lent: () => free(),
    giveBack: () => {
      given += 1;
    },
    takeBack: () => {},
    throwIfStopped: () => {},
  };
  const cores = createPacedCores(lender, () => nowMs);
  const helpers = Array.from({ length: trees }, (_, tree) => {
    const lent = cores.lent();
    nowMs += msOf(lent, tree);
    return lent;
  });
  return { helpers, given, nowMs };
}

describe('paced cores', () => {
  const count = (helpers: readonly number[]) => helpers.filter((lent) => lent > 0).length;

  it('take helpers for nearly all trees where they are done sooner with them', () => {
    const { helpers } = grow(100, (lent) => (lent > 0 ? 6 : 10));
    expect(count(helpers)).toBeGreaterThanOrEqual(93);
  });

  it('take helpers for few trees where they hold the fit up, and give their cores back for the others', () => {
    const { helpers, given } = grow(100, (lent) => (lent > 0 ? 40 : 10));
    expect(count(helpers)).toBeLessThanOrEqual(7);
    expect(given).toBe(100 - count(helpers));
  });

  it('are not misled by a first tree that is slow for being the first', () => {
    const { helpers } = grow(100, (lent, tree) => (tree === 0 ? 100 : lent > 0 ? 11 : 10));
    expect(count(helpers)).toBeLessThanOrEqual(10);
  });

  it('send helpers home once the machine gets busy, and call them again when it is calm', () => {
    const isBusy = (tree: number) => tree >= 30 && tree < 60;
    const { helpers } = grow(160, (lent, tree) => (lent === 0 ? 10 : isBusy(tree) ? 200 : 6));
    expect(count(helpers.slice(0, 30))).toBeGreaterThanOrEqual(24);
    expect(count(helpers.slice(31, 60))).toBeLessThanOrEqual(2);
    expect(count(helpers.slice(100))).toBeGreaterThanOrEqual(57);
  });

  it('learn nothing of helpers from trees for which none was free', () => {
    const { helpers } = grow(
      60,
      (lent) => (lent > 0 ? 6 : 10),
      () => 0,
    );
    expect(helpers).toEqual(Array<number>(60).fill(0));
  });
});
