import type { ColumnFacts } from './column-facts.ts';

/** What a column is to a model. */
export type ColumnUse =
  | { use: 'number'; decimalComma: boolean }
  | { use: 'boolean' }
  | { use: 'time' }
  /** `levels` are all of them where they are few. */
  | { use: 'category'; levels: readonly string[] | undefined }
  | { use: 'none'; why: 'empty' | 'constant' | 'identifier' | 'free-text' | 'leak'; reason: string };

/** Rows that have a value; to a category a word for nothing is a level as others are. */
export const rowsWithValue = ({ given, present }: ColumnFacts, { use }: Pick<ColumnUse, 'use'>): number =>
  use === 'category' ? present : given;

/** Share of the given cells that must be of a kind; the others count as missing and are reported in each run. */
const enoughShare = 0.98;
/** Share of a column's cells that differ from all others, from which on it names rows. */
const identifierShare = 0.95;
/** The same where the column's name says that it is an identifier. */
const namedIdentifierShare = 0.5;
/** In a shorter column nearly all cells may differ by chance. */
const identifierRows = 20;
/** Texts of more words are sentences. */
const freeTextWords = 4;
/** Longer ones are refused as categories of a request. */
const longestLevel = 256;
const listedLevels = 20;

const namesIdentifier = (name: string): boolean =>
  /(^|[^a-z])(id|uuid|guid|key|identifier|index|row ?num(ber)?)$/i.test(name) ||
  /[a-z](Id|ID|Key|Uuid)$/.test(name);

/** The rules, in the order in which they are tried. */
export function decideUse(facts: ColumnFacts): ColumnUse {
  const { given, distinctGiven, number, time } = facts;
  const share = (cells: number): number => cells / Math.max(given, 1);
  if (given === 0) return { use: 'none', why: 'empty', reason: 'It has no value in any row.' };
  if (facts.distinct === 1 && facts.present === facts.rows)
    return { use: 'none', why: 'constant', reason: `It is ${quote(facts.levels[0]?.value)} in every row.` };
  // Before numbers: a time of eight digits is one too.
  if (time !== undefined) return { use: 'time' };
  const identifier = identifierReason(facts);
  if (identifier !== undefined) return { use: 'none', why: 'identifier', reason: identifier };
  const decimalComma = facts.commaNumbers > facts.numbers;
  const numbers = Math.max(facts.numbers, facts.commaNumbers);
  if (number !== undefined && !isCode(facts) && share(numbers) >= enoughShare)
    return { use: 'number', decimalComma };
  if (share(facts.booleans) >= enoughShare) return { use: 'boolean' };
  if (facts.longest > longestLevel || (facts.averageWords > freeTextWords && share(distinctGiven) > 0.5))
    return {
      use: 'none',
      why: 'free-text',
      reason: `It is free text, ${Math.round(facts.averageWords)} words on average; the candidates learn from numbers and categories.`,
    };
  const levels = facts.levels.map(({ value }) => value).sort();
  return { use: 'category', levels: facts.distinct <= listedLevels ? levels : undefined };
}

/** Digits that name something: a postal code with its zeros, or a key of another table that repeats. */
const isCode = ({ name, paddedDigits, number }: ColumnFacts): boolean =>
  paddedDigits > 0 || (number?.whole === true && namesIdentifier(name));

/** Why a column names rows instead of saying something of them. */
function identifierReason(facts: ColumnFacts): string | undefined {
  const { name, given, distinctGiven, number } = facts;
  if (distinctGiven < identifierRows) return undefined;
  const share = distinctGiven / given;
  const differs =
    distinctGiven === given
      ? `It is an identifier: all its ${given.toLocaleString('en')} values differ`
      : `It is an identifier: ${distinctGiven.toLocaleString('en')} of its ${given.toLocaleString('en')} values differ`;
  const isNumeric = number !== undefined && facts.paddedDigits === 0;
  if (isNumeric) {
    if (!number.whole) return undefined;
    if (share >= namedIdentifierShare && namesIdentifier(name)) return `${differs}, and its name says so.`;
    if (number.distinct < given) return undefined;
    // Counted through from some first number, as row numbers are.
    return number.max - number.min < 2 * given ? `${differs}, and they count the rows.` : undefined;
  }
  if (share >= identifierShare && facts.averageWords <= freeTextWords) return `${differs}.`;
  if (share >= namedIdentifierShare && namesIdentifier(name)) return `${differs}, and its name says so.`;
  return undefined;
}

const quote = (text: string | undefined): string => JSON.stringify(text ?? '');
