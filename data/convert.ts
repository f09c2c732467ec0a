import type { ColumnDeclaration } from '../contracts/tables.ts';
import { literal } from './duckdb.ts';

/** SQL that turns a column's text into its declared type, NULL where it is none. DuckDB's own casts are too kind. */

export const sqlTypes = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
} as const satisfies Record<ColumnDeclaration['type'], string>;

/** A cast takes `1.5` for the integer 2, `0x10` for 16 and `1_000` for 1000. */
const integerPattern = '^[+-]?[0-9]+(\\.0*)?$';
/** A cast takes `NaN` and `inf`. */
const numberPattern = '^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?$';
/**
 * A cast takes `epoch`, `infinity`, `2024-01-09 (BC)`, the year 0 and an offset of 99 hours, and drops what follows a
 * date. Years begin at 1000, as under a declared format; no offset is over 18 hours.
 */
const isoPattern =
  '^[1-9][0-9]{3}-[0-9]{1,2}-[0-9]{1,2}([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?( ?(Z|[+-](0[0-9]|1[0-8])(:?[0-5][0-9])?))?)?$';
const offsetPattern = ':[0-9.]+ ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$';

/**
 * @param text SQL of the text
 * @param isoToo ISO 8601 is tried besides the declared formats
 */
export function conversion(declaration: ColumnDeclaration, text: string, isoToo: boolean): string {
  const trimmed = `trim(${text})`;
  switch (declaration.type) {
    case 'text':
      return text;
    case 'integer':
      return `CASE WHEN regexp_matches(${trimmed}, ${literal(integerPattern)}) THEN TRY_CAST(${trimmed} AS BIGINT) END`;
    case 'number':
      return `CASE WHEN regexp_matches(${trimmed}, ${literal(numberPattern)}) AND isfinite(TRY_CAST(${trimmed} AS DOUBLE)) THEN TRY_CAST(${trimmed} AS DOUBLE) END`;
    case 'boolean':
      return `CASE WHEN lower(${trimmed}) IN ('true', 't', 'yes', 'y', '1') THEN true
        WHEN lower(${trimmed}) IN ('false', 'f', 'no', 'n', '0') THEN false END`;
    case 'date':
    case 'timestamp':
      return `CAST(${moment(declaration.formats, trimmed, isoToo)} AS ${sqlTypes[declaration.type]})`;
    default:
      return declaration.type satisfies never;
  }
}

function moment(formats: readonly string[] | undefined, text: string, isoToo: boolean): string {
  if (formats === undefined) return isoMoment(text);
  const attempts = formats.map((format) => byFormat(text, format));
  if (isoToo) attempts.push(isoMoment(text));
  // Under any format strptime takes `epoch` and `infinity` for the start of 1900.
  return `CASE WHEN regexp_matches(${text}, '[0-9]') THEN coalesce(${attempts.join(', ')}) END`;
}

/**
 * `%Y` takes `24` for the year 24; such a date is left to the next format. `%z` gives UTC. The parsed time stands in
 * the expression once: what stands twice DuckDB works out beforehand, here for every format where the first may do.
 */
const byFormat = (text: string, format: string): string =>
  `list_filter([CAST(try_strptime(${text}, ${literal(format)}) AS TIMESTAMP)], lambda parsed: year(parsed) >= 1000)[1]`;

/** Casting to TIMESTAMP ignores an offset, so text that has one goes by TIMESTAMPTZ; the session's zone is UTC. */
const isoMoment = (text: string): string =>
  `CASE WHEN NOT regexp_matches(${text}, ${literal(isoPattern)}) THEN NULL
    WHEN regexp_matches(${text}, ${literal(offsetPattern)}) THEN CAST(TRY_CAST(${text} AS TIMESTAMPTZ) AS TIMESTAMP)
    ELSE TRY_CAST(${text} AS TIMESTAMP) END`;
