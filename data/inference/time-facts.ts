import { count, literal, type Session } from '../duckdb.ts';
import { converted } from './cell-values.ts';

/** How a column's times are written, and what they span. */
export type TimeFacts = {
  /** strptime formats in the order in which they are tried; undefined: ISO 8601. */
  formats: readonly string[] | undefined;
  /** Cells that a format reads. */
  parsed: number;
  /** Days before months read as many cells as months before days. */
  ambiguous: boolean;
  /** Some time is not midnight. */
  hasTime: boolean;
  /** ISO dates. */
  from: string;
  to: string;
  years: number;
  months: number;
};

type Order = 'month-first' | 'day-first' | 'named';
type Format = { format: string; order: Order };

const dates: readonly Format[] = [
  ...['%Y-%m-%d', '%Y/%m/%d', '%Y.%m.%d'].map((format) => ({ format, order: 'named' as const })),
  // Of equal ones the first is taken: slashes are more often American, dots and hyphens European.
  { format: '%m/%d/%Y', order: 'month-first' },
  { format: '%d/%m/%Y', order: 'day-first' },
  { format: '%d.%m.%Y', order: 'day-first' },
  { format: '%d-%m-%Y', order: 'day-first' },
  { format: '%m-%d-%Y', order: 'month-first' },
  { format: '%m/%d/%y', order: 'month-first' },
  { format: '%d/%m/%y', order: 'day-first' },
  { format: '%d.%m.%y', order: 'day-first' },
  ...['%d-%b-%Y', '%d-%b-%y', '%d %b %Y', '%d %B %Y', '%b %d, %Y', '%B %d, %Y', '%b %d %Y'].map((format) => ({
    format,
    order: 'named' as const,
  })),
];
const clocks = ['', ' %H:%M', ' %H:%M:%S', 'T%H:%M:%S', ' %I:%M %p', ' %I:%M:%S %p'];
const written: readonly Format[] = dates.flatMap(({ format, order }) =>
  clocks.map((clock) => ({ format: `${format}${clock}`, order })),
);
/** The only one that looks like a number. */
const digitsOnly: readonly Format[] = [{ format: '%Y%m%d', order: 'named' }];

/** Share of the given cells that must be times. */
const enoughShare = 0.98;
const sampledTexts = 2000;
const mostFormats = 3;

/**
 * @param column.value SQL of the text over `source`
 * @param column.given cells with a text
 */
export async function readTimeFacts(
  session: Session,
  column: { value: string; given: number; isNumeric: boolean },
): Promise<TimeFacts | undefined> {
  const { value, given, isNumeric } = column;
  if (given === 0) return undefined;
  const shape = isNumeric ? '^(19|20)[0-9]{6}$' : '^[0-9A-Za-z].{3,40}[0-9MZmz]$';
  const [shaped] = await session.rows(
    `SELECT count(*) AS n FROM (SELECT ${value} AS v FROM source)
     WHERE regexp_matches(v, ${literal(shape)}) AND regexp_matches(v, '[0-9]{2}')`,
  );
  const enough = Math.ceil(enoughShare * given);
  if (count(shaped?.n) < enough) return undefined;
  await session.run(
    `CREATE OR REPLACE TEMP TABLE times AS SELECT v, count(*) AS n FROM (SELECT ${value} AS v FROM source)
     WHERE v IS NOT NULL GROUP BY v`,
  );

  const iso = converted('timestamp', 'v');
  const [asIso] = await session.rows(`SELECT sum(n) AS n FROM times WHERE ${iso} IS NOT NULL`);
  const isIso = count(asIso?.n) >= enough;
  const found = isIso ? undefined : await chooseFormats(session, isNumeric ? digitsOnly : written);
  if (!isIso && found === undefined) return undefined;
  const [facts = {}] = await session.rows(
    `SELECT sum(n) AS n, bool_or(t <> date_trunc('day', t)) AS has_time, CAST(min(t) AS DATE) AS low,
       CAST(max(t) AS DATE) AS high, count(DISTINCT year(t)) AS years, count(DISTINCT month(t)) AS months
     FROM (SELECT n, ${converted('timestamp', 'v', found?.formats)} AS t FROM times) WHERE t IS NOT NULL`,
  );
  if (count(facts.n) < enough) return undefined;
  return {
    formats: found?.formats,
    parsed: count(facts.n),
    ambiguous: found?.ambiguous ?? false,
    hasTime: facts.has_time === true,
    from: String(facts.low),
    to: String(facts.high),
    years: count(facts.years),
    months: count(facts.months),
  };
}

/** The format that reads the most of a sample, then that which reads the most of the rest. */
async function chooseFormats(
  session: Session,
  candidates: readonly Format[],
): Promise<{ formats: readonly string[]; ambiguous: boolean } | undefined> {
  await session.run(
    `CREATE OR REPLACE TEMP TABLE unread AS SELECT v, n FROM times ORDER BY md5(v) LIMIT ${sampledTexts}`,
  );
  const chosen: Format[] = [];
  let ambiguous = false;
  let open = candidates;
  while (chosen.length < mostFormats) {
    const reads = open.map(({ format }, i) => `count(${converted('timestamp', 'v', [format])}) AS n${i}`);
    const [counted = {}] = await session.rows(`SELECT ${reads.join(', ')} FROM unread`);
    const counts = open.map((_, i) => count(counted[`n${i}`]));
    const most = Math.max(...counts);
    const best = open[counts.indexOf(most)];
    if (best === undefined || most === 0) break;
    if (best.order !== 'named')
      ambiguous ||= open.some(
        ({ order }, i) => order !== 'named' && order !== best.order && counts[i] === most,
      );
    chosen.push(best);
    // One column has one order.
    open = open.filter(({ order }) => order === 'named' || best.order === 'named' || order === best.order);
    await session.run(`DELETE FROM unread WHERE ${converted('timestamp', 'v', [best.format])} IS NOT NULL`);
  }
  if (chosen.length === 0) return undefined;
  return { formats: chosen.map(({ format }) => format), ambiguous };
}
