import type { ColumnDeclaration } from '../../contracts/tables.ts';
import { conversion } from '../convert.ts';
import { literal } from '../duckdb.ts';

/** SQL of single cells, as text, in what a column may turn out to hold. */

/** Words for an absent value in exports of pandas, R, Excel and databases, in lower case. */
const placeholders = ['na', 'n/a', '#n/a', 'nan', 'null', 'none', 'nil', 'missing', '?', '-', '--', '.'];

/** True of a text that stands for no value. */
export const isPlaceholder = (text: string): string =>
  `lower(${text}) IN (${placeholders.map(literal).join(', ')})`;

export const commaNumberPattern = '^[+-]?([0-9]+|[0-9]{1,3}(\\.[0-9]{3})+),[0-9]+$';
export const wholeNumberPattern = '^[+-]?[0-9]+$';

/** A number with a decimal comma, or a whole one; NULL of any other text. */
export const commaNumber = (text: string): string =>
  `CASE WHEN regexp_matches(${text}, ${literal(`${commaNumberPattern}|${wholeNumberPattern}`)}) ` +
  `THEN TRY_CAST(replace(replace(${text}, '.', ''), ',', '.') AS DOUBLE) END`;

/** As the reader of the runs converts a cell of that type; NULL where it is none. */
export function converted(
  type: ColumnDeclaration['type'],
  text: string,
  formats?: readonly string[] | undefined,
): string {
  const declared = formats === undefined ? {} : { formats: [...formats] };
  return conversion({ type, aliases: [], required: true, severity: 'warn', ...declared }, text, false);
}
