import type { WeighedForest } from '../explain/tree-shap.ts';
import { categoryWords } from '../trees/splitting.ts';

/** Columns are in the order of `Forest.tests`: dense ones first, then codes. */
export type LightGbmModel = WeighedForest & {
  /** Added to the sum of the trees. */
  base: number;
  columns: readonly string[];
  /** Levels of each codes column, in their order. */
  levels: readonly number[];
  objective: 'regression' | 'binary';
};

/** Bits of `decision_type`, as LightGBM's `include/LightGBM/tree.h` has them; NaN is the missing value. */
const categoricalSplit = 1;
const missingGoesLeft = 2;
const missingIsNan = 2 << 2;

/**
 * The text form that `lightgbm.Booster(model_str=…)` reads, version 4. Rows are numbers, NaN for what is missing, and
 * codes as numbers. LightGBM sends missing codes to the right always, so a split that sends them to the left is
 * exported with its sides exchanged.
 */
export function toLightGbmText(model: LightGbmModel): string {
  const { forest, columns, base, objective } = model;
  const trees = [constantTree(base), ...Array.from(forest.roots, (_, tree) => treeText(model, tree))].map(
    (text, index) => `Tree=${index}\n${text}\n\n\n`,
  );
  const header = [
    'tree',
    'version=v4',
    'num_class=1',
    'num_tree_per_iteration=1',
    'label_index=0',
    `max_feature_idx=${columns.length - 1}`,
    `objective=${objective === 'binary' ? 'binary sigmoid:1' : 'regression'}`,
    `feature_names=${lightGbmNames(columns).join(' ')}`,
    `feature_infos=${columns.map(() => '[-inf:inf]').join(' ')}`,
    `tree_sizes=${trees.map((text) => text.length).join(' ')}`,
  ];
  return `${header.join('\n')}\n\n${trees.join('')}end of trees\n\nparameters:\nend of parameters\n\npandas_categorical:null\n`;
}

/** Names are separated by spaces, and LightGBM takes no character that JSON would escape; numbers keep them apart. */
export const lightGbmNames = (columns: readonly string[]): string[] =>
  columns.map((name, i) => `${name.replaceAll(/[^\w.-]/g, '_')}_${i}`);

const constantTree = (value: number): string =>
  fields({
    num_leaves: [1],
    num_cat: [0],
    leaf_value: [value],
    leaf_count: [1],
    is_linear: [0],
    shrinkage: [1],
  });

function treeText(model: LightGbmModel, tree: number): string {
  const { tests, thresholds, lefts, roots, levelSets } = model.forest;
  const root = roots[tree] as number;
  const end = roots[tree + 1] ?? tests.length;
  const nodes = Array.from({ length: end - root }, (_, place) => root + place);
  const leaves = nodes.filter((node) => tests[node] === -1);
  const splits = nodes.filter((node) => tests[node] !== -1);
  const [onlyLeaf] = leaves;
  if (splits.length === 0 && onlyLeaf !== undefined) return constantTree(thresholds[onlyLeaf] as number);
  // Splits are numbered from 0, leaves are the complements of their numbers.
  const indexOf = new Map([
    ...splits.map((node, index) => [node, index] as const),
    ...leaves.map((node, index) => [node, ~index] as const),
  ]);
  const lines = splits.map((node) => {
    const test = tests[node] as number;
    const column = test >> 2;
    const isCategorical = (test & 2) !== 0;
    const missingLeft = (test & 1) !== 0;
    const isExchanged = isCategorical && missingLeft;
    const left = lefts[node] as number;
    return {
      column,
      set: isCategorical
        ? exportedSet(levelSets, thresholds[node] as number, {
            levels: model.levels[column - (model.columns.length - model.levels.length)] ?? 0,
            isExchanged,
          })
        : null,
      // LightGBM's own writer bounds infinities so.
      threshold: Math.min(thresholds[node] as number, 1e300),
      decision: missingIsNan + (isCategorical ? categoricalSplit : missingLeft ? missingGoesLeft : 0),
      left: indexOf.get(isExchanged ? left + 1 : left) as number,
      right: indexOf.get(isExchanged ? left : left + 1) as number,
    };
  });
  const sets = lines.flatMap(({ set }) => (set === null ? [] : [set]));
  let seen = 0;
  const coversOf = (list: readonly number[]) => list.map((node) => model.covers[node] as number);
  return fields({
    num_leaves: [leaves.length],
    num_cat: [sets.length],
    split_feature: lines.map(({ column }) => column),
    split_gain: lines.map(() => 0),
    // A categorical split names its set of levels instead.
    threshold: lines.map(({ set, threshold }) => (set === null ? threshold : seen++)),
    decision_type: lines.map(({ decision }) => decision),
    left_child: lines.map(({ left }) => left),
    right_child: lines.map(({ right }) => right),
    leaf_value: leaves.map((node) => thresholds[node] as number),
    leaf_weight: coversOf(leaves),
    leaf_count: coversOf(leaves),
    internal_value: splits.map(() => 0),
    internal_weight: coversOf(splits),
    internal_count: coversOf(splits),
    ...(sets.length === 0
      ? {}
      : {
          cat_boundaries: Array.from({ length: sets.length + 1 }, (_, i) => i * categoryWords),
          cat_threshold: sets.flat(),
        }),
    is_linear: [0],
    shrinkage: [1],
  });
}

/** The codes that go left, eight unsigned words; exchanged, those of the levels there are that go right. */
function exportedSet(
  levelSets: Int32Array,
  set: number,
  { levels, isExchanged }: { levels: number; isExchanged: boolean },
): number[] {
  return Array.from({ length: categoryWords }, (_, word) => {
    const bits = levelSets[set * categoryWords + word] as number;
    const inWord = Math.min(32, Math.max(0, levels - word * 32));
    const all = inWord === 32 ? -1 : (1 << inWord) - 1;
    return (isExchanged ? ~bits & all : bits) >>> 0;
  });
}

const fields = (lines: Readonly<Record<string, readonly number[]>>): string =>
  Object.entries(lines)
    .map(([name, values]) => `${name}=${values.join(' ')}`)
    .join('\n');
