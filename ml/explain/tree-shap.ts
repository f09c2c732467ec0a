import type { Blocks } from '../blocks.ts';
import type { Forest } from '../trees/predictor.ts';
import { categoryWords } from '../trees/splitting.ts';
import { gaussLegendre } from './quadrature.ts';

/** A forest with the training rows that came through each node. */
export type WeighedForest = { forest: Forest; covers: Int32Array };

/** The sum over the trees of their mean value, leaves weighed by their rows. */
export function forestMean({ forest, covers }: WeighedForest): number {
  const { roots, tests, thresholds } = forest;
  let mean = 0;
  roots.forEach((root, tree) => {
    const end = roots[tree + 1] ?? tests.length;
    let total = 0;
    for (let node = root; node < end; node++) {
      if (tests[node] === -1) total += (thresholds[node] as number) * (covers[node] as number);
    }
    mean += total / (covers[root] as number);
  });
  return mean;
}

/**
 * Adds each column's path-dependent Shapley value to `into`, rows × columns (dense ones first, then codes):
 * the values of TreeSHAP (Lundberg, Erion and Lee, "Consistent Individualized Feature Attribution for Tree
 * Ensembles", 2018, algorithm 2), where a split on a column that is not known sends a row both ways by the nodes' rows.
 *
 * Computed by another route than theirs. A leaf of value v whose path reads k columns is worth v Π oᵢ to a set of known
 * columns that holds them and v Π zᵢ to the empty one (oᵢ: the row passes column i's splits; zᵢ: the share of the
 * training rows that do), so by Owen's multilinear extension (1972) column j's Shapley value is
 * v (oⱼ − zⱼ) ∫₀¹ Π_{i≠j} (t oᵢ + (1 − t) zᵢ) dt. The integrand has degree k − 1, so ⌈k/2⌉ Gauss–Legendre points give
 * the integral exactly, and products go down and sums come up the tree once a row: O(nodes × points) in place of
 * O(leaves × depth²), without a subtraction that could cancel.
 */
export function addTreeContributions(weighed: WeighedForest, blocks: Blocks, into: Float64Array): void {
  const width = blocks.dense.names.length + blocks.codes.names.length;
  for (let tree = 0; tree < weighed.forest.roots.length; tree++) {
    const paths = pathsOfTree(weighed, tree);
    const walk = createWalk(weighed.forest, paths);
    for (let row = 0; row < blocks.rows; row++) {
      walk(blocks, row, into.subarray(row * width, (row + 1) * width));
    }
  }
}

/** Of one tree, all that does not depend on a row. Places are nodes counted from the root; place × points holds factors. */
type Paths = {
  root: number;
  nodes: number;
  points: number;
  parent: Int32Array;
  /** The column whose split leads here; -1 at the root. */
  column: Int32Array;
  /** The nearest place above that a split on the same column leads to; -1 without one. */
  above: Int32Array;
  /** Share of the parent's rows. */
  share: Float64Array;
  /** What the product of the path is multiplied by where the row passes this split, and where it does not. */
  passed: Float64Array;
  failed: Float64Array;
  /** What the sum of the leaves below is multiplied by to be added to the column's contribution. */
  passedWeight: Float64Array;
  failedWeight: Float64Array;
};

function pathsOfTree({ forest, covers }: WeighedForest, tree: number): Paths {
  const { roots, tests, lefts } = forest;
  const root = roots[tree] as number;
  const nodes = (roots[tree + 1] ?? tests.length) - root;
  const parent = new Int32Array(nodes).fill(-1);
  const column = new Int32Array(nodes).fill(-1);
  const above = new Int32Array(nodes).fill(-1);
  const share = new Float64Array(nodes).fill(1);
  /** Of all splits on the column that lead here: the share of the rows that pass them. */
  const columnShare = new Float64Array(nodes).fill(1);
  const columns = new Int32Array(nodes);
  let mostColumns = 1;
  for (let place = 0; place < nodes; place++) {
    const test = tests[root + place] as number;
    if (test === -1) continue;
    const left = (lefts[root + place] as number) - root;
    for (let child = left; child <= left + 1; child++) {
      parent[child] = place;
      column[child] = test >> 2;
      let same = place;
      while (same > 0 && column[same] !== test >> 2) same = parent[same] as number;
      above[child] = same > 0 ? same : -1;
      share[child] = (covers[root + child] as number) / (covers[root + place] as number);
      columnShare[child] = (share[child] as number) * (same > 0 ? (columnShare[same] as number) : 1);
      columns[child] = (columns[place] as number) + (same > 0 ? 0 : 1);
      mostColumns = Math.max(mostColumns, columns[child] as number);
    }
  }
  const points = Math.ceil(mostColumns / 2);
  const factors = factorsOfPaths({ nodes, above, columnShare }, points);
  return { root, nodes, points, parent, column, above, share, ...factors };
}

function factorsOfPaths(
  { nodes, above, columnShare }: Pick<Paths, 'nodes' | 'above'> & { columnShare: Float64Array },
  count: number,
): Pick<Paths, 'passed' | 'failed' | 'passedWeight' | 'failedWeight'> {
  const { points, weights } = gaussLegendre(count);
  const passed = new Float64Array(nodes * count);
  const failed = new Float64Array(nodes * count);
  const passedWeight = new Float64Array(nodes * count);
  const failedWeight = new Float64Array(nodes * count);
  for (let place = 1; place < nodes; place++) {
    const share = columnShare[place] as number;
    const over = above[place] as number;
    const shareAbove = over < 0 ? 1 : (columnShare[over] as number);
    for (let q = 0; q < count; q++) {
      const at = place * count + q;
      const known = points[q] as number;
      const weight = weights[q] as number;
      const term = known + (1 - known) * share;
      // The column's term so far is taken out where an earlier split reads it.
      const termAbove = known + (1 - known) * shareAbove;
      const weightAbove = (1 - shareAbove) / termAbove;
      passed[at] = term / termAbove;
      failed[at] = ((1 - known) * share) / termAbove;
      passedWeight[at] = weight * ((1 - share) / term - weightAbove);
      failedWeight[at] = weight * (-1 / (1 - known) - weightAbove);
    }
  }
  return { passed, failed, passedWeight, failedWeight };
}

/** Adds one row's contributions of one tree. Children stand behind their parent, so both passes are over arrays. */
function createWalk(forest: Forest, paths: Paths) {
  const { tests, thresholds, lefts } = forest;
  const { root, nodes, points, parent, column, above, share } = paths;
  const { passed, failed, passedWeight, failedWeight } = paths;
  const products = new Float64Array(nodes * points).fill(1);
  const sums = new Float64Array(nodes * points);
  /** The child that the row goes to. */
  const taken = new Int32Array(nodes);
  /** Whether the row passes all splits on the column that leads here. */
  const passes = new Uint8Array(nodes);

  return (blocks: Blocks, row: number, into: Float64Array): void => {
    for (let place = 0; place < nodes; place++) {
      if ((tests[root + place] as number) !== -1) {
        const left = (lefts[root + place] as number) - root;
        taken[place] = goesLeft(forest, root + place, blocks, row) ? left : left + 1;
      }
      if (place === 0) continue;
      const from = (parent[place] as number) * points;
      const to = place * points;
      const over = above[place] as number;
      if (over >= 0 && passes[over] === 0) {
        passes[place] = 0;
        const factor = share[place] as number;
        for (let q = 0; q < points; q++) products[to + q] = (products[from + q] as number) * factor;
        continue;
      }
      const isPassed = taken[parent[place] as number] === place;
      passes[place] = isPassed ? 1 : 0;
      const factors = isPassed ? passed : failed;
      for (let q = 0; q < points; q++) {
        products[to + q] = (products[from + q] as number) * (factors[to + q] as number);
      }
    }
    for (let place = nodes - 1; place > 0; place--) {
      const at = place * points;
      if ((tests[root + place] as number) === -1) {
        const value = thresholds[root + place] as number;
        for (let q = 0; q < points; q++) sums[at + q] = value * (products[at + q] as number);
      } else {
        const left = ((lefts[root + place] as number) - root) * points;
        for (let q = 0; q < points; q++) {
          sums[at + q] = (sums[left + q] as number) + (sums[left + points + q] as number);
        }
      }
      const over = above[place] as number;
      // Once failed, a column's further splits change nothing: their terms cancel.
      if (over >= 0 && passes[over] === 0) continue;
      const weights = passes[place] === 1 ? passedWeight : failedWeight;
      let contribution = 0;
      for (let q = 0; q < points; q++) contribution += (sums[at + q] as number) * (weights[at + q] as number);
      const read = column[place] as number;
      into[read] = (into[read] as number) + contribution;
    }
  };
}

/** As `addForest` decides. */
function goesLeft(
  { tests, thresholds, levelSets }: Forest,
  node: number,
  blocks: Blocks,
  row: number,
): boolean {
  const test = tests[node] as number;
  const column = test >> 2;
  const { dense, codes } = blocks;
  if ((test & 2) === 0) {
    const value = dense.values[row * dense.names.length + column] as number;
    return Number.isNaN(value) ? (test & 1) === 1 : value <= (thresholds[node] as number);
  }
  const code = codes.values[row * codes.names.length + column - dense.names.length] as number;
  if (code < 0) return (test & 1) === 1;
  const word = levelSets[(thresholds[node] as number) * categoryWords + (code >>> 5)] as number;
  return ((word >>> (code & 31)) & 1) === 1;
}
