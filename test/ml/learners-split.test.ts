import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, deriveSeed, hash32, sampleIndices, shuffle } from '../../ml/random.ts';
import { randomFolds } from '../../ml/splits/folds.ts';
import { holdOutRows, isHoldOut } from '../../ml/splits/hold-out.ts';

const seeds = fc.integer({ min: 0, max: 2 ** 40 });

describe('random numbers', () => {
  it('repeat by seed and differ between seeds, high bits included', () => {
    const draw = (seed: number) => Array.from({ length: 4 }, createRandom(seed).uint32);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1)).not.toEqual(draw(1 + 2 ** 32));
    expect(deriveSeed(1, 'a')).not.toBe(deriveSeed(1, 'b'));
  });

  it('spread evenly over [0, 1) and over 0 … bound − 1', () => {
    const random = createRandom(5);
    const counts = new Array<number>(7).fill(0);
    let sum = 0;
    for (let i = 0; i < 70_000; i++) {
      const drawn = random.below(7);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
      sum += random.uniform();
    }
    // Six standard deviations of a binomial count, and of the mean of uniforms.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(6 * 93);
    expect(Math.abs(sum / 70_000 - 0.5)).toBeLessThan(6 * 0.0011);
  });

  it('shuffle to a permutation and sample without repetition, ascending', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seed, from, share) => {
          const shuffled = shuffle(
            Int32Array.from({ length: from }, (_, i) => i),
            createRandom(seed),
          );
          expect([...shuffled].sort((a, b) => a - b)).toEqual(Array.from({ length: from }, (_, i) => i));
          const count = Math.floor(share * from);
          const sample = [...sampleIndices({ from, count }, createRandom(seed))];
          expect(sample).toEqual([...new Set(sample)].sort((a, b) => a - b));
          expect(sample).toHaveLength(count);
          expect(sample.every((i) => i >= 0 && i < from)).toBe(true);
        },
      ),
    );
  });

  it('hash as MurmurHash3 is published', () => {
    expect(hash32('')).toBe(0);
    expect(hash32('', 1)).toBe(0x514e28b7);
    expect(hash32('test')).toBe(0xba6bd213);
    expect(hash32('Hello, world!')).toBe(0xc0363e43);
    expect(hash32('The quick brown fox jumps over the lazy dog')).toBe(0x2e4ff723);
  });
});

describe('folds', () => {
  it('differ by at most one row, in total and in each stratum', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 10, maxLength: 120 }),
        fc.integer({ min: 2, max: 10 }),
        seeds,
        (strata, folds, seed) => {
          const { of: fold } = randomFolds({ rows: strata.length, strata }, { count: folds, seed });
          for (const stratum of [null, 0, 1, 2, 3]) {
            const sizes = new Array<number>(folds).fill(0);
            fold.forEach((f, row) => {
              if (stratum === null || strata[row] === stratum) sizes[f] = (sizes[f] ?? 0) + 1;
            });
            expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });

  it('refuse fewer rows than folds', () => {
    expect(() => randomFolds({ rows: 3 }, { count: 5, seed: 1 })).toThrow('3 rows cannot make 5 folds');
  });
});

describe('the hold-out', () => {
  it('takes its share of each stratum', () => {
    const strata = Array.from({ length: 1000 }, (_, row) => (row % 10 === 0 ? 1 : 0));
    const heldOut = holdOutRows({ rows: 1000, share: 0.2, seed: 3, strata });
    expect(heldOut.reduce((sum, held) => sum + held, 0)).toBe(200);
    expect(heldOut.filter((held, row) => held === 1 && strata[row] === 1)).toHaveLength(20);
  });

  it('refuses a share that leaves a side empty', () => {
    expect(() => holdOutRows({ rows: 2, share: 0.1, seed: 1 })).toThrow('holds out 0 of 2 rows');
  });

  it('by key reaches its share within binomial bounds, for keys that count and for hashes', () => {
    const rows = 20_000;
    for (const share of [0.05, 0.2, 0.5]) {
      for (const salt of ['perennial', 'salt-1', 'salt-2']) {
        for (const key of [
          (i: number) => `${i}`,
          (i: number) => hash32(`${i}`).toString(16).padStart(32, '0'),
        ]) {
          const held = Array.from({ length: rows }, (_, i) => isHoldOut({ key: key(i), salt, share })).filter(
            Boolean,
          );
          const deviation = Math.sqrt(rows * share * (1 - share));
          expect(Math.abs(held.length - rows * share)).toBeLessThan(4.5 * deviation);
        }
      }
    }
  });

  it('by key grows with the share and never lets an entity change sides', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (key, salt, share) => {
          const isHeld = isHoldOut({ key, salt, share });
          expect(isHoldOut({ key, salt, share })).toBe(isHeld);
          if (isHeld) expect(isHoldOut({ key, salt, share: Math.min(1, share + 0.1) })).toBe(true);
          expect(isHoldOut({ key, salt, share: 0 })).toBe(false);
          expect(isHoldOut({ key, salt, share: 1 })).toBe(true);
        },
      ),
    );
  });

  it('by key is drawn anew by another salt', () => {
    const keys = Array.from({ length: 10_000 }, (_, i) => `${i}`);
    const both = keys.filter(
      (key) => isHoldOut({ key, salt: 'a', share: 0.2 }) && isHoldOut({ key, salt: 'b', share: 0.2 }),
    );
    expect(Math.abs(both.length - 400)).toBeLessThan(4.5 * Math.sqrt(10_000 * 0.04 * 0.96));
  });
});
