import { describe, expect, test } from 'vitest';
import { chooseByGap, type GapPoint, measureGaps } from '../../ml/clustering/gap.ts';
import type { Points } from '../../ml/clustering/points.ts';
import { createRandom } from '../../ml/random.ts';

/** Rows around as many corners of a square, or spread over it where there are none. */
function rowsAround(corners: number, seed: number, rows = 200): Points {
  const random = createRandom(seed);
  const values = new Float64Array(rows * 2);
  for (let row = 0; row < rows; row++) {
    const corner = corners === 0 ? 0 : row % corners;
    const spread = corners === 0 ? 10 : 1;
    values[row * 2] = (corner % 2) * 10 + spread * random.uniform();
    values[row * 2 + 1] = Math.floor(corner / 2) * 10 + spread * random.uniform();
  }
  return { values, rows, width: 2 };
}

function gaps(points: Points, seed = 1): GapPoint[] {
  const counts = [1, 2, 3, 4, 5, 6];
  const steps = measureGaps({ points, counts, references: 10, seed, restarts: 3, maxIterations: 100 });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

describe('the gap statistic', () => {
  test.each([1, 2, 3, 4])('finds %i clusters where so many are', (corners) => {
    expect(chooseByGap(gaps(rowsAround(corners, 3)))).toBe(corners);
  });

  test('finds one cluster among rows that are spread evenly', () => {
    expect(chooseByGap(gaps(rowsAround(0, 3)))).toBe(1);
  });

  test('is the same for the same seed, whatever way the rows are turned', () => {
    const points = rowsAround(3, 5);
    expect(gaps(points)).toEqual(gaps(points));
    expect(gaps(points, 2)).not.toEqual(gaps(points));
    const turned = { ...points, values: new Float64Array(points.values.length) };
    for (let row = 0; row < points.rows; row++) {
      turned.values[row * 2] = -(points.values[row * 2 + 1] as number);
      turned.values[row * 2 + 1] = points.values[row * 2] as number;
    }
    expect(chooseByGap(gaps(turned))).toBe(3);
  });

  test('has a standard error of its references', () => {
    for (const { standardError } of gaps(rowsAround(2, 7))) {
      expect(standardError).toBeGreaterThan(0);
      expect(standardError).toBeLessThan(0.3);
    }
  });

  test('chooses the smallest number whose next is no more than its error above, else the largest gap', () => {
    const curve = (...values: readonly (readonly [number, number])[]): GapPoint[] =>
      values.map(([gap, standardError], place) => ({ clusters: place + 2, gap, standardError }));
    expect(chooseByGap(curve([0.1, 0], [0.5, 0.01], [0.52, 0.03], [0.6, 0.01]))).toBe(3);
    expect(chooseByGap(curve([0.1, 0], [0.5, 0.01], [0.9, 0.01], [1.5, 0.01]))).toBe(4);
    expect(() => chooseByGap(curve([0.1, 0]))).toThrow('needs the next number');
  });
});
