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
    };

/** Fewer leave a fold or the hold-out with none. */
const fewestOfClass = 20;
const fewestRows = 50;
const enoughShare = 0.98;
const listedLevels = 12;
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
 * The task that a target sets: a number is a regression, two levels are a binary task.
 * @throws NotInferable naming the column and what stands in it
 */
export function decideTarget(facts: ColumnFacts): Target {
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
  if (numbers >= enoughShare * given && facts.paddedDigits === 0)
    return { task: 'regression', decimalComma: facts.commaNumbers > facts.numbers, rows: numbers };
  if (facts.time !== undefined)
    throw new NotInferable(`${column} holds times; a target is a number or has two levels.`);
  const shown = facts.levels
    .slice(0, listedLevels)
    .map(({ value, rows: n }) => `${JSON.stringify(value)} (${n})`);
  const more = facts.distinct > shown.length ? ` and ${facts.distinct - shown.length} more` : '';
  throw new NotInferable(
    `${column} has ${facts.distinct} levels: ${shown.join(', ')}${more}. No learner here tells more than two classes ` +
      'apart: give a column with two levels, such as one of these against the rest, or a number.',
  );
}

type Label = { value: string; rows: number };

/** The given values, the most frequent first; numbers by their value, for `1` and `1.0` are one. */
function labelsOf({ levels, number, numbers, given }: ColumnFacts): readonly Label[] {
  const rows = new Map<string, number>();
  const isNumeric = number !== undefined && numbers === given;
  for (const level of levels.filter(({ isPlaceholder }) => !isPlaceholder)) {
    const value = isNumeric ? String(Number(level.value)) : level.value;
    rows.set(value, (rows.get(value) ?? 0) + level.rows);
  }
  return [...rows].map(([value, n]) => ({ value, rows: n }));
}

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
    numeric: facts.number !== undefined && facts.numbers === facts.given,
    choice: isNamed ? 'the word says so' : 'it is the rarer one',
    rows: first.rows + second.rows,
    positives: positive.rows,
  };
}
