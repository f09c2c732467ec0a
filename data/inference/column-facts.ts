import { count, type Session } from '../duckdb.ts';
import {
  commaNumber,
  commaNumberPattern,
  converted,
  isPlaceholder,
  wholeNumberPattern,
} from './cell-values.ts';
import { readTimeFacts, type TimeFacts } from './time-facts.ts';

/** What is counted of a column of text before anything is decided. */
export type ColumnFacts = {
  name: string;
  rows: number;
  /** Cells with a text. */
  present: number;
  distinct: number;
  /** Cells whose text is no placeholder such as `NA`, `null` or `?`. */
  given: number;
  distinctGiven: number;
  booleans: number;
  numbers: number;
  /** Where some cell is as `0,5` or `1.234,5`: those and the whole numbers. */
  commaNumbers: number;
  /** Digits that begin with a zero, as postal codes do. */
  paddedDigits: number;
  /** Of the cells that are numbers; undefined where fewer than half of the given are. */
  number: NumberFacts | undefined;
  /** Undefined where no format reads nearly all given cells. */
  time: TimeFacts | undefined;
  averageWords: number;
  longest: number;
  /** The most frequent texts. */
  levels: readonly Level[];
};

export type Level = { value: string; rows: number; isPlaceholder: boolean };

export type NumberFacts = {
  distinct: number;
  min: number;
  max: number;
  /** None has a fraction. */
  whole: boolean;
  median: number;
  /** The 99th percentile. */
  high: number;
};

const listedLevels = 60;

/** @param index of the column in `source`, the table of `readSourceTable` */
export async function readColumnFacts(
  session: Session,
  { name, index }: { name: string; index: number },
): Promise<ColumnFacts> {
  const text = `v${index}`;
  const value = givenText(index);
  const [counts = {}] = await session.rows(
    `SELECT count(*) AS n, count(t) AS present, count(DISTINCT t) AS distinct_texts, count(v) AS given,
       count(DISTINCT CASE WHEN v IS NULL THEN t END) AS distinct_placeholders, count(number) AS numbers,
       count_if(regexp_matches(v, '${commaNumberPattern}')) AS commas,
       count_if(regexp_matches(v, '${wholeNumberPattern}')) AS wholes,
       count_if(regexp_matches(v, '^0[0-9]+$')) AS padded, count(flag) AS booleans,
       avg(length(v) - length(replace(v, ' ', '')) + 1) AS words, max(length(v)) AS longest
     FROM (SELECT t, v, ${converted('number', 'v')} AS number, ${converted('boolean', 'v')} AS flag
           FROM (SELECT ${text} AS t, ${value} AS v FROM source))`,
  );
  const [given, numbers, commas] = [count(counts.given), count(counts.numbers), count(counts.commas)];
  const commaNumbers = commas === 0 ? 0 : commas + count(counts.wholes);
  const mostlyNumbers = given > 0 && Math.max(numbers, commaNumbers) >= given / 2;
  const numeric = commaNumbers > numbers ? commaNumber(value) : converted('number', value);
  return {
    name,
    rows: count(counts.n),
    present: count(counts.present),
    distinct: count(counts.distinct_texts),
    given,
    distinctGiven: count(counts.distinct_texts) - count(counts.distinct_placeholders),
    booleans: count(counts.booleans),
    numbers,
    commaNumbers,
    paddedDigits: count(counts.padded),
    averageWords: Number(counts.words ?? 0),
    longest: count(counts.longest),
    number: mostlyNumbers ? await readNumberFacts(session, numeric) : undefined,
    time: await readTimeFacts(session, { value, given, isNumeric: mostlyNumbers }),
    levels: await frequentLevels(session, text),
  };
}

/** SQL of a column's text where it is no placeholder. */
export const givenText = (index: number): string =>
  `CASE WHEN NOT (${isPlaceholder(`v${index}`)}) THEN v${index} END`;

async function readNumberFacts(session: Session, number: string): Promise<NumberFacts> {
  const [facts = {}] = await session.rows(
    `SELECT count(DISTINCT x) AS distinct_values, min(x) AS low, max(x) AS high, bool_and(x = floor(x)) AS whole,
       quantile_disc(x, 0.5) AS median, quantile_disc(x, 0.99) AS top
     FROM (SELECT ${number} AS x FROM source) WHERE x IS NOT NULL`,
  );
  return {
    distinct: count(facts.distinct_values),
    min: Number(facts.low),
    max: Number(facts.high),
    whole: facts.whole === true,
    median: Number(facts.median),
    high: Number(facts.top),
  };
}

async function frequentLevels(session: Session, text: string): Promise<readonly Level[]> {
  const rows = await session.rows(
    `SELECT ${text} AS level, count(*) AS n, ${isPlaceholder(text)} AS nothing FROM source WHERE ${text} IS NOT NULL
     GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${listedLevels}`,
  );
  return rows.map(({ level, n, nothing }) => ({
    value: String(level),
    rows: count(n),
    isPlaceholder: nothing === true,
  }));
}
