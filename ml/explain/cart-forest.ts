import type { TreeNode } from 'ml-cart';
import { storedWithoutRowCounts } from './explainer.ts';
import type { WeighedForest } from './tree-shap.ts';

/** A node of ml-cart with the training rows that came through it. */
export type CountedNode = TreeNode & {
  rows?: number | undefined;
  left?: CountedNode | undefined;
  right?: CountedNode | undefined;
};

/** ml-cart's tree in the form that is explained. @throws NotExplainable where its nodes have no row counts */
export function forestOfTree(root: CountedNode): WeighedForest {
  // Children stand in pairs behind their parent, as a forest has them.
  const nodes = [root];
  const lefts: number[] = [];
  for (let at = 0; at < nodes.length; at++) {
    const { left, right } = nodes[at] ?? root;
    lefts.push(left === undefined || right === undefined ? 0 : nodes.length);
    if (left !== undefined && right !== undefined) nodes.push(left, right);
  }
  const covers = nodes.map(({ rows }) => {
    if (rows === undefined) throw storedWithoutRowCounts('decision tree');
    return rows;
  });
  const isLeaf = (at: number) => lefts[at] === 0;
  return {
    forest: {
      roots: Int32Array.of(0),
      tests: Int32Array.from(nodes, ({ splitColumn = 0 }, at) => (isLeaf(at) ? -1 : splitColumn * 4)),
      thresholds: Float64Array.from(nodes, ({ distribution = 0, splitValue = 0 }, at) =>
        // ml-cart sends values below the split to the left, a forest those up to its threshold.
        isLeaf(at) ? distribution : nextBelow(splitValue),
      ),
      lefts: Int32Array.from(lefts),
      levelSets: new Int32Array(0),
    },
    covers: Int32Array.from(covers),
  };
}

/** The greatest double below a finite one. */
function nextBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  const bits = new BigInt64Array(1);
  const double = new Float64Array(bits.buffer);
  double[0] = value;
  bits[0] = (bits[0] as bigint) + (value > 0 ? -1n : 1n);
  return double[0];
}
