import { rowsWithValue } from '../../data/inference/column-use.ts';
import type { EncodeStep, FeatureStep } from '../../ml/recipe/spec.ts';
import { type DeclaredColumn, type DeclaredTable, freeName } from './declared-columns.ts';
import { comment, flow, scalar } from './yaml-text.ts';

/** Above this many levels a column of its own for each would be mostly zeros. */
const oneHotLevels = 50;
/** The most that the trees' own splits take. */
const codeLevels = 250;
/** More columns of times make too many pairs. */
const pairedTimes = 4;
/** A 99th percentile of so many medians is a long tail. */
const longTail = 20;

/** `refused`, `features` and `encodings`: what a model sees of a row, and in which form. */
export function recipeText(table: DeclaredTable): readonly string[] {
  const { steps, gaps } = featureSteps(table);
  return [
    ...comment(
      '',
      'What must never be a feature, and why. `perennial init … --keep COLUMN` takes one in all the same.',
    ),
    'refused:',
    ...refusals(table).map(([name, reason]) => `  ${scalar(name)}: ${scalar(reason)}`),
    '',
    ...comment(
      '',
      'From columns to features. docs/pipelines.md lists the steps: ratios, differences, buckets, …',
    ),
    'features:',
    ...steps.map((step) => `  - ${flow(step)}`),
    '',
    ...comment(
      '',
      'What each kind of learner needs, learned from the training rows of each fold alone. Linear models and',
    ),
    ...comment(
      '',
      'networks take every number filled and scaled and a column for each level; trees take both as they are.',
    ),
    'encodings:',
    '  linear:',
    ...linearEncoding(table, gaps).map((step) => `    - ${flow(step)}`),
    ...treeText(table),
  ];
}

function refusals({ inferred, key, targetRowName }: DeclaredTable): readonly (readonly [string, string])[] {
  const left = inferred.columns.flatMap(({ facts, use }) =>
    use.use === 'none' ? [[facts.name, use.reason] as const] : [],
  );
  const own = key.column === null ? [[key.rowName, 'It is made of the whole row.'] as const] : [];
  return [[targetRowName, 'It is the target.'], ...own, ...left];
}

/** @returns besides the steps, the names of the numbers that some row lacks */
function featureSteps({ columns, inferred, key, targetRowName }: DeclaredTable) {
  const taken = new Set(
    [...columns.map(({ rowName }) => rowName), key.rowName, targetRowName].map((name) => name.toLowerCase()),
  );
  const named = (column: DeclaredColumn, suffix: string): string =>
    freeName(`${column.rowName.slice(0, 50)}_${suffix}`, taken);
  const steps: FeatureStep[] = [];
  const gaps: string[] = [];
  const add = (step: FeatureStep, sources: readonly DeclaredColumn[]): void => {
    steps.push(step);
    const name = step.as ?? sources[0]?.rowName ?? '';
    if (sources.some(hasGaps) && sources.every(({ use }) => use.use !== 'category')) gaps.push(name);
  };
  const times = columns.filter(({ use }) => use.use === 'time');
  for (const column of columns) {
    if (column.use.use !== 'time') add({ step: 'take', column: column.rowName }, [column]);
    else
      for (const part of partsOf(column))
        add({ step: 'datePart', column: column.rowName, part, as: named(column, part) }, [column]);
  }
  for (const [i, from] of times.slice(0, pairedTimes).entries())
    for (const to of times.slice(i + 1, pairedTimes))
      add(
        {
          step: 'daysBetween',
          from: from.rowName,
          to: to.rowName,
          as: named(from, `to_${to.rowName.slice(0, 50)}_days`),
        },
        [from, to],
      );
  for (const column of times.filter(hasGaps))
    steps.push({ step: 'isMissing', column: column.rowName, as: named(column, 'is_missing') });
  return { steps, gaps, rows: inferred.source.rows };
}

const hasGaps = ({ facts, use }: DeclaredColumn): boolean => rowsWithValue(facts, use) < facts.rows;

type DatePart = Extract<FeatureStep, { step: 'datePart' }>['part'];

/** Parts that differ between rows; a year says something of other years only where there are several. */
function partsOf({ facts: { time } }: DeclaredColumn): readonly DatePart[] {
  if (time === undefined) return [];
  return [
    ...(time.years > 1 ? (['year'] as const) : []),
    ...(time.months > 1 ? (['month'] as const) : []),
    'day',
    'weekday',
    ...(time.hasTime ? (['hour'] as const) : []),
  ];
}

function linearEncoding(table: DeclaredTable, gaps: readonly string[]): readonly EncodeStep[] {
  const { columns } = table;
  const categories = columns.filter(({ use }) => use.use === 'category');
  // Several classes have no mean to encode by: their rarer levels share one column.
  const isEncoded = table.inferred.target.task !== 'multiclass';
  const wide = namesOf(categories.filter(({ facts }) => isEncoded && facts.distinct > oneHotLevels));
  const tailed = namesOf(columns.filter(hasLongTail));
  const hasNumbers = columns.length > categories.length || wide.length > 0;
  const steps: EncodeStep[] = [];
  if (gaps.length > 0)
    steps.push({ step: 'impute', columns: [...gaps], strategy: 'median', indicator: true });
  if (columns.length > categories.length)
    // Later data may lack what these rows had.
    steps.push({ step: 'impute', columns: 'numbers', strategy: 'median', indicator: false });
  if (tailed.length > 0) steps.push({ step: 'log1p', columns: tailed });
  if (categories.length > 0)
    steps.push({
      step: 'impute',
      columns: 'categories',
      strategy: 'constant',
      value: 'missing',
      indicator: false,
    });
  if (wide.length > 0) steps.push({ step: 'targetEncode', columns: wide, smoothing: 20, folds: 5 });
  if (hasNumbers) steps.push({ step: 'scale', columns: 'numbers', method: 'standard' });
  if (categories.length > wide.length)
    steps.push({ step: 'oneHot', columns: 'categories', maxLevels: oneHotLevels });
  return steps;
}

/** Of several classes no tree learner tells one from the others. */
function treeText({ columns, inferred }: DeclaredTable): readonly string[] {
  if (inferred.target.task === 'multiclass') return [];
  const categories = columns.filter(({ use }) => use.use === 'category');
  const wide = namesOf(categories.filter(({ facts }) => facts.distinct > codeLevels));
  const steps: EncodeStep[] = [];
  if (wide.length > 0) steps.push({ step: 'targetEncode', columns: wide, smoothing: 20, folds: 5 });
  if (categories.length > wide.length)
    steps.push({ step: 'codes', columns: 'categories', maxLevels: codeLevels });
  return steps.length === 0 ? ['  tree: []'] : ['  tree:', ...steps.map((step) => `    - ${flow(step)}`)];
}

const namesOf = (columns: readonly DeclaredColumn[]): string[] => columns.map(({ rowName }) => rowName);

const hasLongTail = ({ use, facts: { number } }: DeclaredColumn): boolean =>
  use.use === 'number' &&
  number !== undefined &&
  number.min >= 0 &&
  number.high > longTail * Math.max(number.median, 1);
