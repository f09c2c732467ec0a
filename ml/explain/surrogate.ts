import type { Artifact } from '../artifact.ts';
import type { Frame } from '../frame.ts';
import { decisionTree, decisionTreeHeadSchema } from '../learners/decision-tree.ts';
import { regressionMetrics } from '../metrics/regression.ts';
import { fitTransform, transform } from '../recipe/recipe.ts';
import type { EncodeStep, RecipeSpec } from '../recipe/spec.ts';
import { decide } from '../scorer.ts';
import { type Rule, rulesOfTree, type Wording } from './rules.ts';

export type Surrogate = {
  /** Each row meets the conditions of exactly one; in the order of what they predict. */
  rules: readonly Rule[];
  /** On rows that the tree was not fitted on, against the model's predictions. */
  fidelity: { rows: number; r2: number | null; agreement: number | null };
  /** Rows that the tree was fitted on. */
  fittedRows: number;
};

/** ml-cart's trainer is quadratic, and its time grows with every column: together under half a second. */
export const surrogateRows = 1_000;
const maxLevels = 5;
const maxDepth = 3;

/**
 * A shallow tree fitted to the model's predictions, restated as rules (Craven and Shavlik, 1996): how the model decides,
 * as far as a few rules can tell. How far that is, `fidelity` says.
 *
 * @param features as `featureFrame` gives them; `names` are those that the tree may read
 * @param predicted by the model, one output a row
 */
export function fitSurrogate(options: {
  artifact: Pick<Artifact, 'task' | 'classes' | 'threshold' | 'decisionWeights'>;
  names: readonly string[];
  training: { features: Frame; predicted: Float64Array };
  holdOut: { features: Frame; predicted: Float64Array };
  seed: number;
}): Surrogate {
  const { artifact, names, training, holdOut, seed } = options;
  const wording = wordingOf(training.features);
  const spec = recipeOfFeatures(names, training.features, wording);
  const { fitted, blocks } = fitTransform({ spec, frame: training.features, lookups: [], seed });
  const fitting = decisionTree.fit(
    { task: 'regression', blocks, target: training.predicted, classes: 0, seed },
    decisionTree.params.parse({ maxDepth, minNumSamples: 20, maxRows: surrogateRows }),
  );
  let step = fitting.next();
  while (step.done !== true) step = fitting.next();
  const model = step.value;
  const restated = decisionTree
    .load(model)
    .predict(transform({ fitted, frame: holdOut.features, lookups: [] }));
  const { names: columns, tree } = decisionTreeHeadSchema.parse(model.head);
  const rules = rulesOfTree(tree.root, columns, wording);
  return {
    rules,
    fidelity: {
      rows: restated.length,
      r2: regressionMetrics({ target: holdOut.predicted, predicted: restated }).r2,
      agreement: artifact.classes === null ? null : agreement(artifact, holdOut.predicted, restated),
    },
    fittedRows: Math.min(training.predicted.length, surrogateRows),
  };
}

/**
 * ml-cart reads numbers without gaps: what is missing is put below all values, where a split can part it from them.
 * A median would mix it with the rows of the middle. Categories become one column a level.
 */
function recipeOfFeatures(names: readonly string[], features: Frame, { smallest }: Wording): RecipeSpec {
  const inputs = names.flatMap((name) => {
    const kind = features.columns.get(name)?.kind;
    return kind === 'number' || kind === 'category' ? [{ name, kind } as const] : [];
  });
  const fill = (name: string): EncodeStep => ({
    step: 'impute',
    columns: [name],
    strategy: 'constant',
    value: (smallest.get(name) ?? 0) - 1,
    indicator: false,
  });
  const categories: EncodeStep[] = [
    { step: 'impute', columns: 'categories', strategy: 'constant', value: 'missing', indicator: false },
    { step: 'oneHot', columns: 'categories', maxLevels },
  ];
  const isThere = (kind: 'number' | 'category') => inputs.some((input) => input.kind === kind);
  return {
    inputs,
    lookups: [],
    features: inputs.map(({ name }) => ({ step: 'take', column: name })),
    encode: [
      ...inputs.flatMap(({ name, kind }) => (kind === 'number' ? [fill(name)] : [])),
      ...(isThere('category') ? categories : []),
    ],
  };
}

function wordingOf({ columns }: Frame): Wording {
  const yesOrNo = new Set<string>();
  const smallest = new Map<string, number>();
  for (const [name, column] of columns) {
    if (column.kind !== 'number') continue;
    const known = column.values.filter(Number.isFinite);
    if (known.every((value) => value === 0 || value === 1)) yesOrNo.add(name);
    const least = known.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
    if (known.length < column.values.length && Number.isFinite(least)) smallest.set(name, least);
  }
  return { yesOrNo, smallest };
}

function agreement(
  artifact: Pick<Artifact, 'task' | 'classes' | 'threshold' | 'decisionWeights'>,
  predicted: Float64Array,
  restated: Float64Array,
): number | null {
  if (predicted.length === 0) return null;
  let same = 0;
  predicted.forEach((value, row) => {
    if (decide(artifact, [value]) === decide(artifact, [restated[row] as number])) same++;
  });
  return same / predicted.length;
}
