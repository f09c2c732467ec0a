import type { ColumnFacts } from './column-facts.ts';
import { NotInferable } from './not-inferable.ts';

/** What is predicted, and how its cells are read. */
export type Target =
  | { task: 'regression'; decimalComma: boolean; rows: number }
  | {
      task: 'binary';
      /** Labels as the file has them; numbers without needless digits. */
      positive: string;
      negative: string;
      numeric: boolean;
      /** Why the positive one is positive. */
      choice: string;
      rows: number;
      positives: number;
    }
  | { task: 'multiclass'; classes: readonly string[]; numeric: boolean; rows: number };

/** Fewer leave a fold or the hold-out with none. */
const fewestOfClass = 20;
const fewestRows = 50;
const enoughShare = 0.98;
const listedLevels = 12;
/** Each needs rows in every fold and figures of its own in the report. */
const mostClasses = 20;
/** In lower case, each before its opposite. */
const affirmative = [
  '1',
  'true',
  'yes',
  'y',
  't',
  'positive',
  'pos',
  'won',
  'success',
  'churned',
  'bad',
  'fraud',
];

/**
 * The task that a target sets: two levels are a binary task, numbers a regression, a few texts are classes.
 *
 * @param namesClasses numbers are names of classes too
 * @throws NotInferable naming the column and what stands in it
 */
export function decideTarget(facts: ColumnFacts, { namesClasses }: { namesClasses: boolean }): Target {
  const { name, given, rows } = facts;
  const column = `The target "${name}"`;
  if (given === 0)
    throw new NotInferable(`${column} is empty in all ${rows} rows: there is nothing to learn from.`);
  const labels = labelsOf(facts);
  const [only, second] = labels;
  if (only !== undefined && labels.length === 1)
    throw new NotInferable(
      `${column} is ${JSON.stringify(only.value)} in all ${only.rows} rows that have one: there is nothing to learn.`,
    );
  if (given < fewestRows)
    throw new NotInferable(`${column} stands in ${given} rows; at least ${fewestRows} are needed.`);
  if (only !== undefined && second !== undefined && labels.length === 2)
    return binary(column, facts, [only, second]);
  const numbers = Math.max(facts.numbers, facts.commaNumbers);
  if (!namesClasses && numbers >= enoughShare * given && facts.paddedDigits === 0)
    return { task: 'regression', decimalComma: facts.commaNumbers > facts.numbers, rows: numbers };
  if (facts.time !== undefined && !namesClasses)
    throw new NotInferable(`${column} holds times; a target is a number or names classes.`);
  return multiclass(column, facts, labels);
}

type Label = { value: string; rows: number };

/** The given values, the most frequent first; numbers by their value, for `1` and `1.0` are one. */
function labelsOf(facts: ColumnFacts): readonly Label[] {
  const rows = new Map<string, number>();
  const numeric = isNumeric(facts);
  for (const level of facts.levels.filter(({ isPlaceholder }) => !isPlaceholder)) {
    const value = numeric ? String(Number(level.value)) : level.value;
    rows.set(value, (rows.get(value) ?? 0) + level.rows);
  }
  return [...rows].map(([value, n]) => ({ value, rows: n }));
}

function multiclass(column: string, facts: ColumnFacts, labels: readonly Label[]): Target {
  const shown = labels.slice(0, listedLevels).map(({ value, rows }) => `${JSON.stringify(value)} (${rows})`);
  const more = facts.distinctGiven > shown.length ? ` and ${facts.distinctGiven - shown.length} more` : '';
  const levels = `${column} has ${facts.distinctGiven} levels: ${shown.join(', ')}${more}`;
  if (facts.distinctGiven > mostClasses)
    throw new NotInferable(`${levels}. At most ${mostClasses} classes are told apart.`);
  const rare = labels.filter(({ rows }) => rows < fewestOfClass);
  if (rare.length > 0)
    throw new NotInferable(
      `${levels}. At least ${fewestOfClass} rows of each class are needed: leave out or join ${rare.map(({ value }) => JSON.stringify(value)).join(', ')}.`,
    );
  const numeric = isNumeric(facts);
  const classes = labels.map(({ value }) => value);
  return {
    task: 'multiclass',
    classes: numeric ? classes.sort((a, b) => Number(a) - Number(b)) : classes.sort(),
    numeric,
    rows: labels.reduce((sum, { rows }) => sum + rows, 0),
  };
}

const isNumeric = ({ number, numbers, given, paddedDigits }: ColumnFacts): boolean =>
  number !== undefined && numbers === given && paddedDigits === 0;

function binary(column: string, facts: ColumnFacts, labels: readonly [Label, Label]): Target {
  const rare = labels.find(({ rows }) => rows < fewestOfClass);
  if (rare !== undefined)
    throw new NotInferable(
      `${column} is ${JSON.stringify(rare.value)} in ${rare.rows} rows; at least ${fewestOfClass} rows of each class are needed.`,
    );
  const [first, second] = labels;
  const rank = ({ value }: Label): number => {
    const place = affirmative.indexOf(value.toLowerCase());
    return place === -1 ? affirmative.length : place;
  };
  const isNamed = rank(first) !== rank(second);
  const isFirst = isNamed
    ? rank(first) < rank(second)
    : first.rows < second.rows || (first.rows === second.rows && first.value > second.value);
  const [positive, negative] = isFirst ? [first, second] : [second, first];
  return {
    task: 'binary',
    positive: positive.value,
    negative: negative.value,
    numeric: isNumeric(facts),
    choice: isNamed ? 'the word says so' : 'it is the rarer one',
    rows: first.rows + second.rows,
    positives: positive.rows,
  };
}
