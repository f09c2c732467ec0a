import type { Blocks } from '../blocks.ts';
import { type Random, sampleIndices } from '../random.ts';
import type { Binning } from './binning.ts';
import type { Cores } from './crew.ts';
import type { Gradients } from './gradients.ts';
import { createGrowerParts } from './grower-parts.ts';
import type { RowRange } from './histogram.ts';
import { popLeaf, pushLeaf } from './leaf-queue.ts';
import type { Find } from './node-search.ts';
import {
  categoryWords,
  createSplit,
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
  /** Where the rows of each leaf stand in the grower's list: those it was grown on, and those beside. */
  leaves: { node: number; start: number; end: number; beside: RowRange }[];
};

export type GrowJob = {
  /** The tree grows on the first `count` of the grower's `rows`; each range of them is ascending at first. */
  count: number;
  /** The rows behind those, up to this place, are sent to their leaves too. */
  until: number;
  /** Ascending indices of the features that the tree may use. */
  features: Int32Array;
  /** Draws the features of each node. */
  random: Random;
};

/** Buffers are kept between trees. */
export type Grower = Gradients & {
  /** Filled by the caller before each tree, with distinct rows; reordered, so that each leaf's rows stand together. */
  rows: Int32Array;
  /** Takes the gradients and hessians of the rows it grows on, and rounds them. */
  grow(job: GrowJob): GrownTree;
};

type OpenLeaf = NodeTotals &
  RowRange & {
    node: number;
    depth: number;
    split: Split;
    /** Kept for subtraction when the leaf is split; null for small leaves, whose children are counted directly. */
    histogram: number | null;
  };

/** Grows trees leaf by leaf, the largest gain first; on equal gains the older leaf. */
export function createGrower(job: {
  blocks: Blocks;
  binning: Binning;
  rules: GrowthRules;
  /** Does without WebAssembly, as where there is none: slower, and the same trees. */
  plain?: boolean;
  cores?: Cores | undefined;
}): Grower {
  const { binning, rules } = job;
  const { rows, gradients, hessians, goesLeft, divide, begin, search, histograms, rowsToKeep } =
    createGrowerParts(job);
  const freeHistograms = Array.from({ length: histograms.capacity }, (_, id) => id);
  const freeSplits: Split[] = [];

  const route = (tree: GrownTree, node: number, range: RowRange): number => {
    const feature = tree.feature[node] as number;
    sidesOf(tree, node, binning.features[feature]?.bins ?? 0, goesLeft);
    return divide(range, feature);
  };

  const grow = ({ count, until, features, random }: GrowJob): GrownTree => {
    const { totals } = begin(count);
    const tree = emptyTree(Math.max(1, Math.min(rules.maxLeaves, count)) * 2 - 1);
    const open: OpenLeaf[] = [];
    const queue: OpenLeaf[] = [];

    const mayBeSplit = (leaf: OpenLeaf): boolean =>
      leaf.depth < rules.maxDepth && leaf.rows >= 2 * rules.minSamplesLeaf && leaf.rows > 1;
    const drawFeatures = (): Int32Array =>
      rules.featuresPerNode < features.length
        ? sampleIndices({ from: features.length, count: rules.featuresPerNode }, random).map(
            (i) => features[i] as number,
          )
        : features;
    const seek = (leaf: OpenLeaf, histogram: number): Find => {
      leaf.split = freeSplits.pop() ?? createSplit();
      return { histogram, totals: leaf, among: drawFeatures(), best: leaf.split };
    };
    /** Queues a leaf whose best split is known; keeps or frees its histogram. */
    const settle = (leaf: OpenLeaf, histogram: number, isKept: boolean): void => {
      const maySplit = leaf.split.gain > 0;
      if (maySplit) pushLeaf(queue, leaf);
      else freeSplits.push(leaf.split);
      if (maySplit && isKept) leaf.histogram = histogram;
      else freeHistograms.push(histogram);
    };
    // One histogram stays free, for whatever is counted next.
    const isWorthKeeping = (leaf: OpenLeaf): boolean => leaf.rows >= rowsToKeep && freeHistograms.length > 0;

    const consider = (leaf: OpenLeaf): void => {
      const counted = freeHistograms.pop() as number;
      const find = seek(leaf, counted);
      const isKept = isWorthKeeping(leaf);
      const counts = isKept ? features : find.among;
      search({ range: leaf, counted, features: counts, parent: null, finds: [find] });
      settle(leaf, counted, isKept);
    };
    /** `small` has the fewer rows, so that `large` may be split if it may. */
    const considerChildren = (parent: OpenLeaf, small: OpenLeaf, large: OpenLeaf): void => {
      const { histogram } = parent;
      if (histogram !== null && mayBeSplit(large)) {
        const counted = freeHistograms.pop() as number;
        const seeksSmall = mayBeSplit(small);
        const finds = [...(seeksSmall ? [seek(small, counted)] : []), seek(large, histogram)];
        search({ range: small, counted, features, parent: histogram, finds });
        if (seeksSmall) settle(small, counted, isWorthKeeping(small));
        else freeHistograms.push(counted);
        settle(large, histogram, large.rows >= rowsToKeep);
        return;
      }
      if (histogram !== null) freeHistograms.push(histogram);
      if (mayBeSplit(small)) consider(small);
      if (mayBeSplit(large)) consider(large);
    };

    const root = openLeaf({ node: 0, depth: 0, start: 0, end: count }, totals);
    tree.value[0] = leafValue(root, rules.l2);
    open.push(root);
    if (rules.maxLeaves > 1 && mayBeSplit(root)) consider(root);

    for (let leaves = 1; leaves < rules.maxLeaves; leaves++) {
      const leaf = popLeaf(queue);
      if (leaf === undefined) break;
      recordSplit(tree, leaf);
      const [left, right] = childrenOf(leaf, tree.nodes - 2, route(tree, leaf.node, leaf));
      tree.value[left.node] = leafValue(left, rules.l2);
      tree.value[right.node] = leafValue(right, rules.l2);
      open.push(left, right);
      const [small, large] = left.rows <= right.rows ? [left, right] : [right, left];
      if (leaves + 1 < rules.maxLeaves) considerChildren(leaf, small, large);
      else if (leaf.histogram !== null) freeHistograms.push(leaf.histogram);
      freeSplits.push(leaf.split);
    }
    for (const { histogram, split } of queue) {
      if (histogram !== null) freeHistograms.push(histogram);
      freeSplits.push(split);
    }
    const besides = routeBeside(tree, { start: count, end: until });
    for (const { node, start, end } of open) {
      if (tree.feature[node] !== -1) continue;
      tree.leaves.push({ node, start, end, beside: besides[node] ?? noRows });
    }
    return tree;
  };

  /** Sends rows that the tree was not grown on down to its leaves; the range of each node. */
  const routeBeside = (tree: GrownTree, all: RowRange): RowRange[] => {
    if (all.start === all.end) return [];
    const ranges = [all];
    for (let node = 0; node < tree.nodes; node++) {
      if (tree.feature[node] === -1) continue;
      const { start, end } = ranges[node] ?? noRows;
      const middle = start === end ? start : route(tree, node, { start, end });
      const left = tree.left[node] as number;
      ranges[left] = { start, end: middle };
      ranges[left + 1] = { start: middle, end };
    }
    return ranges;
  };

  return { rows, gradients, hessians, grow };
}

const noRows: RowRange = { start: 0, end: 0 };

/** One Newton step; 0 for a leaf without any weight. */
function leafValue(totals: NodeTotals, l2: number): number {
  const curvature = totals.hessian + l2;
  return curvature > 0 ? -totals.gradient / curvature : 0;
}

const noSplit = createSplit();

function openLeaf(
  { node, depth, start, end }: RowRange & { node: number; depth: number },
  { gradient, hessian }: Pick<NodeTotals, 'gradient' | 'hessian'>,
): OpenLeaf {
  return { node, depth, start, end, gradient, hessian, rows: end - start, split: noSplit, histogram: null };
}

function childrenOf(leaf: OpenLeaf, node: number, middle: number): [OpenLeaf, OpenLeaf] {
  const { start, end, split } = leaf;
  const depth = leaf.depth + 1;
  return [
    openLeaf(
      { node, depth, start, end: middle },
      { gradient: split.leftGradient, hessian: split.leftHessian },
    ),
    openLeaf(
      { node: node + 1, depth, start: middle, end },
      { gradient: leaf.gradient - split.leftGradient, hessian: leaf.hessian - split.leftHessian },
    ),
  ];
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

/** 1 for each bin that goes left; the bin after the last is that of missing values. */
function sidesOf(tree: GrownTree, node: number, missingBin: number, into: Uint8Array): void {
  const leftBins = tree.leftBins[node] ?? null;
  const cut = tree.bin[node] as number;
  for (let bin = 0; bin < missingBin; bin++) {
    into[bin] = (leftBins === null ? bin <= cut : inBins(leftBins, bin)) ? 1 : 0;
  }
  into[missingBin] = tree.missingLeft[node] as number;
}
