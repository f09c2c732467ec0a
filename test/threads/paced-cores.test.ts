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
  it('take helpers from the second tree on where trees are done sooner with them', () => {
    const { helpers } = grow(50, (lent) => (lent > 0 ? 6 : 10));
    expect(helpers).toEqual([0, ...Array<number>(49).fill(1)]);
  });

  it('try helpers that hold the fit up once in twenty trees, and give their cores back in between', () => {
    const { helpers, given } = grow(100, (lent) => (lent > 0 ? 40 : 10));
    const tried = helpers.flatMap((lent, tree) => (lent > 0 ? [tree] : []));
    expect(tried).toEqual([1, 22, 43, 64, 85]);
    expect(given).toBe(95);
  });

  it('send helpers home once the machine gets busy, and call them again when it is calm', () => {
    const isBusy = (tree: number) => tree >= 30 && tree < 60;
    const { helpers } = grow(120, (lent, tree) => (lent === 0 ? 10 : isBusy(tree) ? 200 : 6));
    expect(helpers.slice(1, 30)).not.toContain(0);
    expect(helpers.slice(31, 60).filter((lent) => lent > 0).length).toBeLessThanOrEqual(2);
    expect(helpers.slice(90)).not.toContain(0);
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
