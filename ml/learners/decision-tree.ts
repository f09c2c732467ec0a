import { DecisionTreeRegression, type RegressionTree, type TreeNode } from 'ml-cart';
import { z } from 'zod';
import type { Blocks } from '../blocks.ts';
import { type CountedNode, forestOfTree } from '../explain/cart-forest.ts';
import { addTreeContributions, forestMean } from '../explain/tree-shap.ts';
import type { JsonValue, Learner } from '../learner.ts';
import { createRandom, deriveSeed, sampleIndices } from '../random.ts';
import { UnreadableValue } from '../unreadable-value.ts';
import { checkTrainingSet } from './training-rows.ts';

/** ml-cart's trainer is quadratic: 2,000 × 22 rows take about two seconds, 100,000 would take hours. */
const trainingRowsLimit = 2000;
/** ml-cart compares the error that a split leaves, so its default of 0 would refuse a perfect split. */
const gainThreshold = -1;

const paramsSchema = z.strictObject({
  maxDepth: z.int().min(1).max(30).default(5),
  /** A node with this many rows or fewer is a leaf. */
  minNumSamples: z.int().min(1).default(20),
  maxRows: z.int().min(10).max(trainingRowsLimit).default(trainingRowsLimit),
});

const nodeSchema: z.ZodType<CountedNode> = z.lazy(() =>
  z.object({
    distribution: z.number().optional(),
    splitColumn: z.int().nonnegative().optional(),
    splitValue: z.number().optional(),
    /** Trees that were stored before explanations were have none. */
    rows: z.int().positive().optional(),
    left: nodeSchema.optional(),
    right: nodeSchema.optional(),
  }),
);

export const decisionTreeHeadSchema = z.strictObject({
  names: z.array(z.string()),
  /** What each column's splits take off the squared error of the training rows. */
  errorFalls: z.array(z.number().nonnegative()),
  tree: z.object({
    name: z.literal('DTRegression'),
    options: z.looseObject({ kind: z.literal('regression') }),
    root: nodeSchema,
  }),
});

/**
 * One tree by ml-cart, whose JSON is the stored form and whose `predict` is the server.
 * Two classes are a regression on 0 and 1: the squared error orders splits as Gini does, and a leaf's mean is its
 * share of class 1. Rows beyond the limit are drawn by seed; weights become chances to be drawn.
 */
export const decisionTree: Learner<z.infer<typeof paramsSchema>> = {
  name: 'decision-tree',
  tasks: ['regression', 'binary'],
  reads: ['dense'],
  params: paramsSchema,

  *fit(training, { maxDepth, minNumSamples, maxRows }) {
    checkTrainingSet(training);
    const { blocks, target } = training;
    const rows = drawRows(training, maxRows);
    const tree = new DecisionTreeRegression({ maxDepth, minNumSamples, gainThreshold });
    const drawn = {
      table: denseRows(blocks, rows),
      target: Array.from(rows, (row) => target[row] as number),
    };
    tree.train(drawn.table, drawn.target);
    const root = withPerfectSplit(tree.toJSON().root, drawn);
    const falls = blocks.dense.names.map(() => 0);
    addErrorFalls(root, drawn, falls);
    yield { done: 1, total: 1 };
    const stored = { name: 'DTRegression', options: { kind: 'regression' }, root: storedNode(root, drawn) };
    return { head: { names: [...blocks.dense.names], errorFalls: falls, tree: stored }, sections: {} };
  },

  load({ head }) {
    const { names, tree } = decisionTreeHeadSchema.parse(head);
    const loaded = DecisionTreeRegression.load(tree satisfies RegressionTree);
    return {
      predict: (blocks) => {
        checkColumns(names, blocks);
        if (blocks.rows === 0) return new Float64Array(0);
        return Float64Array.from(loaded.predict(denseRows(blocks)));
      },
    };
  },

  explainer({ head }, task) {
    const { names, tree } = decisionTreeHeadSchema.parse(head);
    const weighed = forestOfTree(tree.root);
    return {
      space: task === 'binary' ? 'probability' : 'value',
      baseValue: forestMean(weighed),
      contributions: (blocks) => {
        checkColumns(names, blocks);
        const contributions = new Float64Array(blocks.rows * names.length);
        addTreeContributions(weighed, blocks, contributions);
        return contributions;
      },
    };
  },

  sumOfTrees({ head }) {
    const { names, tree } = decisionTreeHeadSchema.parse(head);
    const inputs = { dense: names, codes: [] };
    return { ...forestOfTree(tree.root), base: 0, output: 'identity', inputs };
  },

  importances({ head }) {
    const { names, errorFalls } = decisionTreeHeadSchema.parse(head);
    return names.map((feature, i) => ({ feature, importance: errorFalls[i] ?? 0 }));
  },
};

function drawRows(
  { blocks, weights, seed }: { blocks: Blocks; weights?: Float64Array; seed: number },
  most: number,
): Int32Array {
  const random = createRandom(deriveSeed(seed, 'decision-tree'));
  const { rows } = blocks;
  if (weights === undefined) return sampleIndices({ from: rows, count: Math.min(rows, most) }, random);
  const cumulative = new Float64Array(rows);
  let total = 0;
  weights.forEach((weight, row) => {
    total += weight;
    cumulative[row] = total;
  });
  // Systematic sampling: evenly spaced points from one random start stay closest to the weights.
  const count = Math.min(rows, most);
  const start = random.uniform();
  const drawn = new Int32Array(count);
  let row = 0;
  for (let i = 0; i < count; i++) {
    const point = ((i + start) * total) / count;
    while (row < rows - 1 && (cumulative[row] as number) <= point) row++;
    drawn[i] = row;
  }
  return drawn;
}

/** @throws RangeError for columns that ml-cart cannot read, UnreadableValue for a missing one */
function denseRows(blocks: Blocks, rows?: Int32Array): number[][] {
  const others = [...blocks.codes.names, ...blocks.sparse.names];
  if (others.length > 0) {
    throw new RangeError(
      `decision-tree reads dense columns only; ${others[0]} needs oneHot or targetEncode in the recipe`,
    );
  }
  const { names, values } = blocks.dense;
  const width = names.length;
  return Array.from(rows ?? { length: blocks.rows }, (drawn, i) => {
    const row = typeof drawn === 'number' ? drawn : i;
    const line = Array.from(values.subarray(row * width, (row + 1) * width));
    const missing = line.findIndex(Number.isNaN);
    if (missing >= 0) {
      throw new UnreadableValue({
        column: names[missing] as string,
        value: Number.NaN,
        row,
        needs: 'decision-tree needs an impute step in the recipe',
      });
    }
    return line;
  });
}

function checkColumns(names: readonly string[], blocks: Blocks): void {
  const found = blocks.dense.names;
  const at = Array.from({ length: Math.max(names.length, found.length) }, (_, i) => i).find(
    (i) => names[i] !== found[i],
  );
  if (at === undefined) return;
  throw new RangeError(
    `dense column ${at} is ${found[at] ?? 'absent'}; the model was trained with ${names[at] ?? 'no such column'}`,
  );
}

/** ml-cart takes a first split that leaves no error at all for none; it is made good here. */
function withPerfectSplit(root: TreeNode, rows: TrainingRows): TreeNode {
  const { left, splitColumn, splitValue, gain } = root;
  if (left !== undefined || gain !== 0 || splitColumn === undefined || splitValue === undefined) return root;
  const leaf = (isLeft: boolean): TreeNode => ({
    distribution: meanOf(rowsOfSide(rows, { splitColumn, splitValue, isLeft }).target),
  });
  return { splitColumn, splitValue, left: leaf(true), right: leaf(false) };
}

/** ml-cart leaves the split that it tried on every leaf; only inner nodes need it. Explanations need the row counts. */
function storedNode(node: TreeNode, at: TrainingRows): { [key: string]: JsonValue } {
  const { left, right, distribution, splitColumn = 0, splitValue = 0 } = node;
  const rows = at.target.length;
  if (left === undefined || right === undefined) return { distribution: distribution ?? 0, rows };
  return {
    splitColumn,
    splitValue,
    rows,
    left: storedNode(left, rowsOfSide(at, { splitColumn, splitValue, isLeft: true })),
    right: storedNode(right, rowsOfSide(at, { splitColumn, splitValue, isLeft: false })),
  };
}

type TrainingRows = { table: readonly (readonly number[])[]; target: readonly number[] };

/** Adds what each split takes off the squared error of its rows to the feature that it reads. */
function addErrorFalls(
  { left, right, splitColumn, splitValue }: TreeNode,
  at: TrainingRows,
  falls: number[],
): void {
  if (left === undefined || right === undefined || splitColumn === undefined || splitValue === undefined)
    return;
  const lower = rowsOfSide(at, { splitColumn, splitValue, isLeft: true });
  const upper = rowsOfSide(at, { splitColumn, splitValue, isLeft: false });
  const fall = squaredError(at.target) - squaredError(lower.target) - squaredError(upper.target);
  falls[splitColumn] = (falls[splitColumn] ?? 0) + Math.max(0, fall);
  addErrorFalls(left, lower, falls);
  addErrorFalls(right, upper, falls);
}

function rowsOfSide(
  { table, target }: TrainingRows,
  { splitColumn, splitValue, isLeft }: { splitColumn: number; splitValue: number; isLeft: boolean },
): TrainingRows {
  const kept = table.flatMap((row, i) => ((row[splitColumn] as number) < splitValue === isLeft ? [i] : []));
  return { table: kept.map((i) => table[i] ?? []), target: kept.map((i) => target[i] as number) };
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function squaredError(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}
