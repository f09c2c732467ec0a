import { checkRecipe } from '../recipe/check.ts';
import { columnsRead } from '../recipe/declare.ts';
import { featureName } from '../recipe/features/registry.ts';
import {
  type FeatureStep,
  type GeneratedStep,
  generatedStepSchema,
  type RecipeSpec,
} from '../recipe/spec.ts';

/** `year` is not among them: it says when the rows were, and no row to come is of theirs. */
const dateParts = ['quarter', 'month', 'day', 'weekday', 'hour', 'isWeekend'] as const;

/** Steps whose numbers are amounts: quotients of flags, classes and parts of dates say little. */
const amounts: ReadonlySet<FeatureStep['step']> = new Set([
  'take',
  'daysBetween',
  'difference',
  'ratio',
  'sum',
  'lookup',
]);

/**
 * Features that could be made of what a recipe reads already: ratios and differences of numbers, days between times and
 * parts of them, pairs of categories, means of numbers by categories. Of nothing else: what the recipe reads is known at
 * the moment of prediction, is not refused, and comes with each request. Left out are those that it has, and those that
 * its encoding would not take. Always the same for a recipe, in the same order.
 */
export function proposeFeatures(spec: RecipeSpec): GeneratedStep[] {
  const { numbers, takenNumbers, categories, takenCategories, times } = sourcesOf(spec);
  const proposals: GeneratedStep[] = [
    ...pairsOf(numbers).flatMap(([left, right]): GeneratedStep[] => [
      { step: 'ratio', numerator: left, denominator: right, as: `${left}_per_${right}` },
      { step: 'ratio', numerator: right, denominator: left, as: `${right}_per_${left}` },
      { step: 'difference', left, right, as: `${left}_minus_${right}` },
    ]),
    ...pairsOf(times).map(
      ([from, to]): GeneratedStep => ({ step: 'daysBetween', from, to, as: `days_${from}_to_${to}` }),
    ),
    ...times.flatMap((column) =>
      dateParts.map((part): GeneratedStep => ({ step: 'datePart', column, part, as: `${column}_${part}` })),
    ),
    ...pairsOf(categories).map(
      ([left, right]): GeneratedStep => ({ step: 'cross', left, right, as: `${left}_x_${right}` }),
    ),
    // Encodings read features only, not the columns that features are made of.
    ...takenCategories.flatMap((by) =>
      takenNumbers.map(
        (column): GeneratedStep => ({
          step: 'aggregate',
          column,
          by,
          statistic: 'mean',
          minRows: 10,
          as: `mean_${column}_by_${by}`,
        }),
      ),
    ),
  ];
  const present = new Set([...spec.features, ...spec.encode].flatMap(contentsOf));
  const byName = new Map(proposals.toReversed().map((step) => [step.as, step]));
  return proposals.filter(
    (step) =>
      byName.get(step.as) === step &&
      generatedStepSchema.safeParse(step).success &&
      !contentsOf(step).some((contents) => present.has(contents)) &&
      checkRecipe(withGenerated(spec, [step])).length === 0,
  );
}

/** Features behind the others; aggregates before what the encoding makes of their columns. */
export function withGenerated<R extends Pick<RecipeSpec, 'features' | 'encode'>>(
  recipe: R,
  steps: readonly GeneratedStep[],
): R {
  const features = steps.flatMap((step) => (step.step === 'aggregate' ? [] : [step]));
  const aggregates = steps.flatMap((step) => (step.step === 'aggregate' ? [step] : []));
  return {
    ...recipe,
    features: [...recipe.features, ...features],
    encode: [...aggregates, ...recipe.encode],
  };
}

/** Names by what they hold; a number or category that a feature passes on goes by the feature's name. */
function sourcesOf({ inputs, lookups, features, encode }: RecipeSpec) {
  const dropped = new Set(encode.flatMap((step) => (step.step === 'drop' ? step.columns : [])));
  const kindOf = new Map(inputs.map(({ name, kind }) => [name, kind]));
  const passedOn = new Set(features.flatMap((step) => (step.step === 'take' ? [step.column] : [])));
  const named = (wanted: 'number' | 'category') =>
    features.flatMap((step) => {
      const kind =
        step.step === 'take' ? kindOf.get(step.column) : step.step === 'cross' ? 'category' : 'number';
      const isWanted = kind === wanted && (wanted === 'category' || amounts.has(step.step));
      return isWanted ? [featureName(step)] : [];
    });
  // A key that only finds a row of a look-up is an identifier.
  const keys = new Set(lookups.map(({ key }) => key));
  const unnamed = (wanted: 'number' | 'category') =>
    inputs.flatMap(({ name, kind }) =>
      kind === wanted && !passedOn.has(name) && !keys.has(name) ? [name] : [],
    );
  const reaches = (name: string) => !dropped.has(name);
  const takenNumbers = named('number').filter(reaches);
  const takenCategories = named('category').filter(reaches);
  return {
    numbers: [...takenNumbers, ...unnamed('number')],
    takenNumbers,
    categories: [...takenCategories, ...unnamed('category')],
    takenCategories,
    times: inputs.flatMap(({ name, kind }) => (kind === 'timestamp' ? [name] : [])),
  };
}

const pairsOf = (names: readonly string[]): [string, string][] =>
  names.flatMap((left, i) => names.slice(i + 1).map((right): [string, string] => [left, right]));

/** What a step says whatever it is called, in both orders where the order only turns it round. */
function contentsOf(step: RecipeSpec['features'][number] | RecipeSpec['encode'][number]): string[] {
  switch (step.step) {
    case 'ratio':
    case 'difference':
    case 'daysBetween':
    case 'cross':
      return [JSON.stringify([step.step, ...columnsRead(step, []).toSorted()])];
    case 'datePart':
      return [JSON.stringify([step.step, step.column, step.part])];
    case 'aggregate':
      return [JSON.stringify([step.step, step.column, step.by, step.statistic])];
    default:
      return [];
  }
}
