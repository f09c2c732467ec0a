import { z } from 'zod';
import type { Blocks } from '../blocks.ts';
import type { FittedModel, Sections } from '../learner.ts';
import type { Binning } from './binning.ts';
import type { GrownTree } from './grower.ts';
import { categoryWords } from './splitting.ts';

/**
 * All trees of a model in four arrays; children stand in pairs behind their parent.
 * A node takes 16 bytes, and a categorical split 32 more; `readCovers` tells of the section beside them.
 */
export type Forest = {
  /** First node of each tree. */
  roots: Int32Array;
  /** -1 for a leaf; else column × 4 + 2 if categorical + 1 if missing values go left. */
  tests: Int32Array;
  /** Leaves: the value. Numbers: values up to this one go left. Categories: index of the set in `levelSets`. */
  thresholds: Float64Array;
  /** Index of the left child; the right one follows it. */
  lefts: Int32Array;
  /** Eight words a set; bit c says that code c goes left. */
  levelSets: Int32Array;
};

/** Those of `Forest`, and four for the node's rows. */
const bytesPerNode = 20;
const bytesPerLevelSet = categoryWords * 4;
/** Leaves room in a 64 MB artifact for recipe and look-ups. */
export const forestBytesLimit = 48 * 1024 * 1024;

/** An upper bound of what a forest takes in the artifact. */
export function forestBytes({ trees, leaves }: { trees: number; leaves: number }): number {
  return trees * (leaves * (2 * bytesPerNode + bytesPerLevelSet) + 4);
}

/** What a forest reads from blocks: columns in the order of `tests`. */
export const forestInputsSchema = z.strictObject({
  dense: z.array(z.string()),
  codes: z.array(z.string()),
  /** Total gain of each column, dense ones first. */
  gains: z.array(z.number().nonnegative()),
});
export type ForestInputs = z.infer<typeof forestInputsSchema>;

export function forestInputs(blocks: Blocks, gains: Float64Array): ForestInputs {
  return { dense: [...blocks.dense.names], codes: [...blocks.codes.names], gains: [...gains] };
}

export type ForestBuilder = {
  /** `scale` multiplies the values of the tree's leaves (learning rate, share of a mean). */
  add(tree: GrownTree, scale: number): void;
  build(): { forest: Forest; covers: Int32Array; gains: Float64Array };
};

/** Joins trees as they are grown. */
export function createForestBuilder(binning: Binning): ForestBuilder {
  const grown: { tree: GrownTree; scale: number; covers: Int32Array }[] = [];
  return {
    add: (tree, scale) => {
      grown.push({ tree, scale, covers: rowsOfNodes(tree) });
    },
    build: () => {
      const nodes = grown.reduce((sum, { tree }) => sum + tree.nodes, 0);
      const forest = {
        roots: new Int32Array(grown.length),
        tests: new Int32Array(nodes),
        thresholds: new Float64Array(nodes),
        lefts: new Int32Array(nodes),
      };
      const nodeCovers = new Int32Array(nodes);
      const levelSets: Int32Array[] = [];
      const gains = new Float64Array(binning.features.length);
      let first = 0;
      grown.forEach(({ tree, scale, covers }, index) => {
        forest.roots[index] = first;
        nodeCovers.set(covers, first);
        for (let node = 0; node < tree.nodes; node++) {
          const at = first + node;
          const column = tree.feature[node] as number;
          if (column === -1) {
            forest.tests[at] = -1;
            forest.thresholds[at] = (tree.value[node] as number) * scale;
            continue;
          }
          gains[column] = (gains[column] as number) + (tree.gain[node] as number);
          const set = tree.leftBins[node] ?? null;
          forest.tests[at] = column * 4 + (set === null ? 0 : 2) + (tree.missingLeft[node] as number);
          forest.lefts[at] = first + (tree.left[node] as number);
          forest.thresholds[at] =
            set === null ? thresholdOf(binning, column, tree.bin[node] as number) : levelSets.push(set) - 1;
        }
        first += tree.nodes;
      });
      const joined = new Int32Array(levelSets.length * categoryWords);
      levelSets.forEach((set, i) => {
        joined.set(set, i * categoryWords);
      });
      return { forest: { ...forest, levelSets: joined }, covers: nodeCovers, gains };
    },
  };
}

/** Of each node, the rows that its tree was grown on; children stand behind their parent. */
function rowsOfNodes({ nodes, leaves, left, feature }: GrownTree): Int32Array {
  const rows = new Int32Array(nodes);
  for (const { node, start, end } of leaves) rows[node] = end - start;
  for (let node = nodes - 1; node >= 0; node--) {
    if (feature[node] === -1) continue;
    const child = left[node] as number;
    rows[node] = (rows[child] as number) + (rows[child + 1] as number);
  }
  return rows;
}

/** Adds the trees' values to `into`, one number a row; to rows `from` to `to`, by default all. */
export function addForest(
  forest: Forest,
  blocks: Blocks,
  into: Float64Array,
  { from = 0, to = blocks.rows }: { from?: number; to?: number } = {},
): void {
  const { roots, tests, thresholds, lefts, levelSets } = forest;
  const { values: dense, names } = blocks.dense;
  const { values: codes, names: codesNames } = blocks.codes;
  const denseWidth = names.length;
  const codesWidth = codesNames.length;
  for (let tree = 0; tree < roots.length; tree++) {
    const root = roots[tree] as number;
    for (let row = from; row < to; row++) {
      const denseBase = row * denseWidth;
      const codesBase = row * codesWidth - denseWidth;
      let node = root;
      let test = tests[node] as number;
      while (test !== -1) {
        const column = test >> 2;
        let goesLeft: boolean;
        if ((test & 2) === 0) {
          const value = dense[denseBase + column] as number;
          goesLeft = Number.isNaN(value) ? (test & 1) === 1 : value <= (thresholds[node] as number);
        } else {
          const code = codes[codesBase + column] as number;
          const set = (thresholds[node] as number) * categoryWords;
          goesLeft =
            code < 0
              ? (test & 1) === 1
              : (((levelSets[set + (code >>> 5)] as number) >>> (code & 31)) & 1) === 1;
        }
        node = (lefts[node] as number) + (goesLeft ? 0 : 1);
        test = tests[node] as number;
      }
      into[row] = (into[row] as number) + (thresholds[node] as number);
    }
  }
}

export function forestSections(forest: Forest): Sections {
  return { ...forest };
}

/**
 * Reads a forest from an artifact and checks that every walk ends and every index has its element.
 * @throws RangeError naming the section and the node
 */
export function readForest(sections: FittedModel['sections'], inputs: ForestInputs): Forest {
  const { roots, tests, thresholds, lefts, levelSets } = sections;
  if (
    !(roots instanceof Int32Array) ||
    !(tests instanceof Int32Array) ||
    !(thresholds instanceof Float64Array) ||
    !(lefts instanceof Int32Array) ||
    !(levelSets instanceof Int32Array)
  ) {
    throw new RangeError(
      'a forest needs the sections roots, tests, lefts, levelSets (Int32) and thresholds (Float64)',
    );
  }
  const nodes = tests.length;
  if (thresholds.length !== nodes || lefts.length !== nodes) {
    throw new RangeError(`tests has ${nodes} nodes, thresholds ${thresholds.length}, lefts ${lefts.length}`);
  }
  roots.forEach((root, tree) => {
    if (root < 0 || root >= nodes)
      throw new RangeError(`roots[${tree}] is ${root}; there are ${nodes} nodes`);
  });
  const sets = levelSets.length / categoryWords;
  const columns = inputs.dense.length + inputs.codes.length;
  for (let node = 0; node < nodes; node++) {
    const test = tests[node] as number;
    if (test === -1) continue;
    const column = test >> 2;
    const categorical = (test & 2) !== 0;
    if (column < 0 || column >= columns || categorical !== column >= inputs.dense.length) {
      throw new RangeError(`tests[${node}] reads column ${column} as ${categorical ? 'codes' : 'a number'}`);
    }
    const left = lefts[node] as number;
    if (left <= node || left + 1 >= nodes) {
      throw new RangeError(`lefts[${node}] is ${left}; children follow their parent, below ${nodes}`);
    }
    const set = thresholds[node] as number;
    if (categorical && !(Number.isInteger(set) && set >= 0 && set < sets)) {
      throw new RangeError(`thresholds[${node}] names level set ${set}; there are ${sets}`);
    }
  }
  return { roots, tests, thresholds, lefts, levelSets };
}

/**
 * The section that explanations need beside the forest: of each node, the training rows of its tree that came
 * through it. Null for a model that was stored before there was one.
 * @throws RangeError where it does not fit the forest
 */
export function readCovers(
  { covers }: FittedModel['sections'],
  { tests, lefts }: Pick<Forest, 'tests' | 'lefts'>,
): Int32Array | null {
  if (covers === undefined) return null;
  if (!(covers instanceof Int32Array) || covers.length !== tests.length) {
    throw new RangeError(`covers (Int32) has ${covers.length} nodes, tests ${tests.length}`);
  }
  covers.forEach((rows, node) => {
    const left = lefts[node] as number;
    const below = (covers[left] as number) + (covers[left + 1] as number);
    if (rows < 1 || (tests[node] !== -1 && rows !== below)) {
      throw new RangeError(`covers[${node}] is ${rows}; its children have ${below}`);
    }
  });
  return covers;
}

/** @throws RangeError naming the first column that differs from those of training */
export function checkForestInputs(inputs: Pick<ForestInputs, 'dense' | 'codes'>, blocks: Blocks): void {
  for (const [kind, expected, found] of [
    ['dense', inputs.dense, blocks.dense.names],
    ['codes', inputs.codes, blocks.codes.names],
  ] as const) {
    const width = Math.max(expected.length, found.length);
    for (let i = 0; i < width; i++) {
      if (expected[i] !== found[i]) {
        throw new RangeError(
          `${kind} column ${i} is ${found[i] ?? 'absent'}; the model was trained with ${expected[i] ?? 'no such column'}`,
        );
      }
    }
  }
}

/** The cut behind the last bin of values separates them from missing ones. */
function thresholdOf(binning: Binning, column: number, bin: number): number {
  const feature = binning.features[column];
  if (feature?.kind !== 'number') throw new RangeError(`column ${column} has no thresholds`);
  return feature.thresholds[bin] ?? Number.POSITIVE_INFINITY;
}
