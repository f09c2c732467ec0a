import type { Blocks } from '../../ml/blocks.ts';
import type { WeighedForest } from '../../ml/explain/tree-shap.ts';
import type { Random } from '../../ml/random.ts';
import { blocksOf } from './learners-rows.ts';

export const denseColumns = 3;
export const codesColumns = 2;
export const columns = denseColumns + codesColumns;
export const levels = 5;

export function randomRows(random: Random, rows: number): Blocks {
  return blocksOf(
    Array.from({ length: rows }, () =>
      Array.from({ length: denseColumns }, () => (random.uniform() < 0.3 ? null : random.uniform())),
    ),
    {
      rows: Array.from({ length: rows }, () =>
        Array.from({ length: codesColumns }, () => random.below(levels + 1) - 1),
      ),
      levels: Array.from({ length: codesColumns }, () => Array.from({ length: levels }, (_, i) => `${i}`)),
    },
  );
}

/** Random splits, values and row counts; a path may read a column again and again. */
export function randomForest(
  random: Random,
  { trees, depth }: { trees: number; depth: number },
): WeighedForest {
  const forest = createForestParts();
  for (let tree = 0; tree < trees; tree++) {
    forest.roots.push(forest.tests.length);
    const open = [{ node: forest.addNode(200 + random.below(200)), left: depth }];
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      const { node, left: levelsLeft } = next;
      const rows = forest.covers[node] ?? 0;
      if (levelsLeft === 0 || rows < 2 || random.uniform() < 0.1) {
        forest.thresholds[node] = random.uniform() * 4 - 2;
        continue;
      }
      const column = random.below(columns);
      const categorical = column >= denseColumns;
      forest.tests[node] = column * 4 + (categorical ? 2 : 0) + random.below(2);
      forest.thresholds[node] = categorical
        ? forest.addLevelSet(random.below(2 ** levels))
        : random.uniform();
      const rowsLeft = 1 + random.below(rows - 1);
      const left = forest.addNode(rowsLeft);
      forest.addNode(rows - rowsLeft);
      forest.lefts[node] = left;
      open.push({ node: left, left: levelsLeft - 1 }, { node: left + 1, left: levelsLeft - 1 });
    }
  }
  return forest.finish();
}

/** Each split on a column of its own, one below the other. */
export function chainOf(random: Random, width: number): WeighedForest {
  const forest = createForestParts();
  forest.roots.push(0);
  let node = forest.addNode(1000 * width);
  for (let column = 0; column < width; column++) {
    forest.tests[node] = column * 4;
    forest.thresholds[node] = random.uniform();
    const rows = forest.covers[node] ?? 0;
    const left = forest.addNode(1000);
    forest.addNode(rows - 1000);
    forest.lefts[node] = left;
    forest.thresholds[left] = random.uniform();
    node = left + 1;
  }
  forest.thresholds[node] = random.uniform();
  return forest.finish();
}

function createForestParts() {
  const roots: number[] = [];
  const tests: number[] = [];
  const thresholds: number[] = [];
  const lefts: number[] = [];
  const covers: number[] = [];
  const levelSets: number[] = [];
  return {
    roots,
    tests,
    thresholds,
    lefts,
    covers,
    addNode(rows: number): number {
      tests.push(-1);
      thresholds.push(0);
      lefts.push(0);
      return covers.push(rows) - 1;
    },
    addLevelSet: (bits: number): number => levelSets.push(bits, 0, 0, 0, 0, 0, 0, 0) / 8 - 1,
    finish: (): WeighedForest => ({
      forest: {
        roots: Int32Array.from(roots),
        tests: Int32Array.from(tests),
        thresholds: Float64Array.from(thresholds),
        lefts: Int32Array.from(lefts),
        levelSets: Int32Array.from(levelSets),
      },
      covers: Int32Array.from(covers),
    }),
  };
}
