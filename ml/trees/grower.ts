import { type Random, sampleIndices } from '../random.ts';
import { type BinnedRows, type Binning, maxValueBins } from './binning.ts';
import { buildHistogram, type Gradients, slotWidth, subtractHistogram } from './histogram.ts';
import {
  categoryWords,
  createSplit,
  createSplitFinder,
  inBins,
  type NodeTotals,
  type Split,
  type SplitRules,
} from './splitting.ts';

export type GrowthRules = SplitRules & {
  maxLeaves: number;
  /** The root has depth 0. */
  maxDepth: number;
  /** Features drawn anew for each node, out of the tree's. */
  featuresPerNode: number;
};

/**
 * Nodes in the order of their making: children come in pairs behind their parent, left first.
 * Kept while training; `predictor.ts` makes the record that is stored.
 */
export type GrownTree = {
  nodes: number;
  /** -1 for a leaf. */
  feature: Int32Array;
  /** Numbers: bins up to this one go left. */
  bin: Int32Array;
  missingLeft: Uint8Array;
  /** Null for a split on numbers; see `Split.leftBins`. */
  leftBins: (Int32Array | null)[];
  left: Int32Array;
  value: Float64Array;
  gain: Float64Array;
  /** Rows of the leaves within the `rows` that the tree was grown on, reordered by growth. */
  leaves: { node: number; start: number; end: number }[];
};

export type GrowJob = Gradients & {
  /** Indices of the rows to grow on; reordered in place, so that each leaf's rows stand together. */
  rows: Int32Array;
  /** Ascending indices of the features that the tree may use. */
  features: Int32Array;
  /** Draws the features of each node. */
  random: Random;
};

type OpenLeaf = NodeTotals & {
  node: number;
  depth: number;
  start: number;
  end: number;
  split: Split;
  /** Kept for subtraction when the leaf is split; null for small leaves, whose children are counted directly. */
  histogram: Float64Array | null;
};

/** Grows trees leaf by leaf, the largest gain first; on equal gains the older leaf. Buffers are kept between trees. */
export function createGrower(
  binned: BinnedRows,
  binning: Binning,
  rules: GrowthRules,
): (job: GrowJob) => GrownTree {
  const slots = binning.offsets[binning.features.length] as number;
  const findSplit = createSplitFinder(binning, rules);
  const partitioned = new Int32Array(binned.rows);
  const goesLeft = new Uint8Array(maxValueBins + 1);
  const freeHistograms: Float64Array[] = [];
  const freeSplits: Split[] = [];
  const takeHistogram = (): Float64Array => freeHistograms.pop() ?? new Float64Array(slots * slotWidth);
  /** Below this many rows counting a child again is cheaper than subtracting whole histograms. */
  const rowsToKeep = Math.ceil(slots / Math.max(1, binning.features.length));

  return ({ rows, features, gradients, hessians, random }) => {
    const tree = emptyTree(Math.max(1, Math.min(rules.maxLeaves, rows.length)) * 2 - 1);
    const queue: OpenLeaf[] = [];
    const narrowed = rules.featuresPerNode < features.length;
    const count = (into: Float64Array, leaf: OpenLeaf, among: Int32Array): Float64Array => {
      const range = { rows, start: leaf.start, end: leaf.end };
      buildHistogram(into, { binned, binning, features: among, range, gradients, hessians });
      return into;
    };
    const mayBeSplit = (leaf: OpenLeaf): boolean =>
      leaf.depth < rules.maxDepth && leaf.rows >= 2 * rules.minSamplesLeaf && leaf.rows > 1;
    const drawFeatures = (): Int32Array =>
      narrowed
        ? sampleIndices({ from: features.length, count: rules.featuresPerNode }, random).map(
            (i) => features[i] as number,
          )
        : features;

    /** Finds the leaf's best split and queues it; `histogram`, if given, holds the sums of all the tree's features. */
    const consider = (leaf: OpenLeaf, histogram: Float64Array | null): void => {
      const among = drawFeatures();
      const keep = leaf.rows >= rowsToKeep;
      const filled = histogram ?? count(takeHistogram(), leaf, keep ? features : among);
      leaf.split = freeSplits.pop() ?? createSplit();
      findSplit(filled, leaf, among, leaf.split);
      if (leaf.split.gain > 0) {
        leaf.histogram = keep ? filled : null;
        pushLeaf(queue, leaf);
      } else {
        freeSplits.push(leaf.split);
      }
      if (leaf.histogram === null) freeHistograms.push(filled);
    };

    const considerChildren = (parent: OpenLeaf, left: OpenLeaf, right: OpenLeaf): void => {
      const [small, large] = left.rows <= right.rows ? [left, right] : [right, left];
      const histogram = parent.histogram;
      if (histogram !== null && mayBeSplit(large)) {
        const counted = count(takeHistogram(), small, features);
        subtractHistogram(histogram, counted);
        if (mayBeSplit(small)) consider(small, counted);
        else freeHistograms.push(counted);
        consider(large, histogram);
        return;
      }
      if (histogram !== null) freeHistograms.push(histogram);
      if (mayBeSplit(small)) consider(small, null);
      if (mayBeSplit(large)) consider(large, null);
    };

    const root = openLeaf({ node: 0, depth: 0, start: 0, end: rows.length });
    for (let i = 0; i < rows.length; i++) {
      root.gradient += gradients[rows[i] as number] as number;
      root.hessian += hessians[rows[i] as number] as number;
    }
    tree.value[0] = leafValue(root, rules.l2);
    tree.leaves.push(root);
    if (rules.maxLeaves > 1 && mayBeSplit(root)) consider(root, null);

    let leaves = 1;
    while (leaves < rules.maxLeaves) {
      const leaf = popLeaf(queue);
      if (leaf === undefined) break;
      const { split } = leaf;
      sidesOf(split, binning.features[split.feature]?.bins ?? 0, goesLeft);
      const middle = partition({ rows, scratch: partitioned, binned, goesLeft }, leaf);
      const node = tree.nodes;
      const left = openLeaf({ node, depth: leaf.depth + 1, start: leaf.start, end: middle });
      const right = openLeaf({ node: node + 1, depth: leaf.depth + 1, start: middle, end: leaf.end });
      left.gradient = split.leftGradient;
      left.hessian = split.leftHessian;
      right.gradient = leaf.gradient - split.leftGradient;
      right.hessian = leaf.hessian - split.leftHessian;
      recordSplit(tree, leaf);
      tree.value[node] = leafValue(left, rules.l2);
      tree.value[node + 1] = leafValue(right, rules.l2);
      tree.leaves.push(left, right);
      leaves++;
      if (leaves < rules.maxLeaves) considerChildren(leaf, left, right);
      else if (leaf.histogram !== null) freeHistograms.push(leaf.histogram);
      freeSplits.push(split);
    }
    for (const open of queue) {
      if (open.histogram !== null) freeHistograms.push(open.histogram);
      freeSplits.push(open.split);
    }
    tree.leaves = tree.leaves.filter((leaf) => tree.feature[leaf.node] === -1);
    return tree;
  };
}

/** The value of the leaf that a binned row falls into. */
export function valueOfBinnedRow(tree: GrownTree, binned: BinnedRows, binning: Binning, row: number): number {
  let node = 0;
  for (let feature = tree.feature[0] as number; feature !== -1; feature = tree.feature[node] as number) {
    const bin = binned.bins[feature * binned.rows + row] as number;
    const leftBins = tree.leftBins[node] ?? null;
    const missing = bin === binning.features[feature]?.bins;
    const goesLeft = missing
      ? tree.missingLeft[node] === 1
      : leftBins === null
        ? bin <= (tree.bin[node] as number)
        : inBins(leftBins, bin);
    node = (tree.left[node] as number) + (goesLeft ? 0 : 1);
  }
  return tree.value[node] as number;
}

/** One Newton step; 0 for a leaf without any weight. */
function leafValue(totals: NodeTotals, l2: number): number {
  const curvature = totals.hessian + l2;
  return curvature > 0 ? -totals.gradient / curvature : 0;
}

const noSplit = createSplit();

function openLeaf(at: { node: number; depth: number; start: number; end: number }): OpenLeaf {
  return { ...at, gradient: 0, hessian: 0, rows: at.end - at.start, split: noSplit, histogram: null };
}

function emptyTree(capacity: number): GrownTree {
  return {
    nodes: 1,
    feature: new Int32Array(capacity).fill(-1),
    bin: new Int32Array(capacity),
    missingLeft: new Uint8Array(capacity),
    leftBins: [],
    left: new Int32Array(capacity),
    value: new Float64Array(capacity),
    gain: new Float64Array(capacity),
    leaves: [],
  };
}

function recordSplit(tree: GrownTree, { node, split }: OpenLeaf): void {
  tree.feature[node] = split.feature;
  tree.bin[node] = split.bin;
  tree.missingLeft[node] = split.missingLeft ? 1 : 0;
  tree.leftBins[node] = split.categorical ? split.leftBins.slice(0, categoryWords) : null;
  tree.left[node] = tree.nodes;
  tree.gain[node] = split.gain;
  tree.nodes += 2;
}

/** 1 for the bins that go left; the bin of missing values is among them. */
function sidesOf(split: Split, missingBin: number, into: Uint8Array): void {
  for (let bin = 0; bin < missingBin; bin++) {
    into[bin] = (split.categorical ? inBins(split.leftBins, bin) : bin <= split.bin) ? 1 : 0;
  }
  into[missingBin] = split.missingLeft ? 1 : 0;
}

/** Stable on both sides, so that rows stay in memory order; returns where the right side begins. */
function partition(
  data: { rows: Int32Array; scratch: Int32Array; binned: BinnedRows; goesLeft: Uint8Array },
  { start, end, split }: OpenLeaf,
): number {
  const { rows, scratch, binned, goesLeft } = data;
  const { bins } = binned;
  const column = split.feature * binned.rows;
  let left = start;
  let right = 0;
  // Each row is written to both sides and one of them moves on: no branch, which would be wrong half the time.
  for (let i = start; i < end; i++) {
    const row = rows[i] as number;
    const side = goesLeft[bins[column + row] as number] as number;
    rows[left] = row;
    scratch[right] = row;
    left += side;
    right += 1 - side;
  }
  rows.set(scratch.subarray(0, right), left);
  return left;
}

const isBefore = (a: OpenLeaf, b: OpenLeaf): boolean =>
  a.split.gain > b.split.gain || (a.split.gain === b.split.gain && a.node < b.node);

function pushLeaf(heap: OpenLeaf[], leaf: OpenLeaf): void {
  let place = heap.length;
  while (place > 0) {
    const parent = (place - 1) >>> 1;
    const above = heap[parent] as OpenLeaf;
    if (!isBefore(leaf, above)) break;
    heap[place] = above;
    place = parent;
  }
  heap[place] = leaf;
}

function popLeaf(heap: OpenLeaf[]): OpenLeaf | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return top;
  let place = 0;
  for (;;) {
    let child = place * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as OpenLeaf, heap[child] as OpenLeaf)) child++;
    if (!isBefore(heap[child] as OpenLeaf, last)) break;
    heap[place] = heap[child] as OpenLeaf;
    place = child;
  }
  heap[place] = last;
  return top;
}
