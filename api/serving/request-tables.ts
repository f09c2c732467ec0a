import type { Pipeline } from '../../contracts/pipeline.ts';
import { isStorableText } from '../../contracts/storable-text.ts';
import type { TableDeclaration } from '../../contracts/tables.ts';
import { placeColumns } from '../../data/columns.ts';
import { type Cell, csvLine } from '../../data/csv-line.ts';
import { maxRecordBytes } from '../../data/csv-records.ts';
import type { RequestTable } from '../../data/request-rows.ts';
import { type FieldError, invalid } from '../problem.ts';
import { maxErrors, pointer } from '../validation.ts';

/** Tables of a request, checked, as they go to the maker of rows. */
export type PackedTables = Readonly<Record<string, RequestTable>>;

/**
 * Gives the cells of each row their columns, by name or alias; other keys are passed over, as columns of a file are.
 * @throws HttpProblem 422 with the places of at most fifty faults
 */
export function packTables(
  { name: pipeline, predictFrom, tables: declared }: Pipeline,
  given: Readonly<Record<string, readonly unknown[]>>,
): PackedTables {
  if (predictFrom === undefined)
    throw invalid([{ pointer: '/tables', message: `${pipeline} predicts from instances only` }]);
  const errors: FieldError[] = [];
  const packed: Record<string, RequestTable> = {};
  for (const [name, rows] of Object.entries(given)) {
    const declaration = declared[name];
    if (declaration === undefined || !Object.hasOwn(predictFrom.tables, name))
      errors.push({
        pointer: pointer(['tables', name]),
        message: `is no table that ${pipeline} predicts from; there are: ${Object.keys(predictFrom.tables).join(', ')}`,
      });
    else packed[name] = packTable({ name, declaration, rows, errors });
  }
  if (errors.length > 0) throw invalid(errors.slice(0, maxErrors));
  return packed;
}

function packTable(input: {
  name: string;
  declaration: TableDeclaration;
  rows: readonly unknown[];
  errors: FieldError[];
}): RequestTable {
  const { name, declaration, rows, errors } = input;
  const named = new Set<string>();
  for (const [index, row] of rows.entries()) {
    if (errors.length >= maxErrors) return { columns: [], rows: 0, csv: Buffer.alloc(0) };
    if (isObject(row)) for (const key of Object.keys(row)) named.add(key);
    else errors.push({ pointer: pointer(['tables', name, index]), message: 'must be an object' });
  }
  const keys = [...named];
  const { places, problems } = placeColumns(declaration, keys);
  for (const { column, check, message } of problems)
    errors.push({
      pointer: pointer(['tables', name]),
      message: check === 'columns-present' ? `no row has "${column}"` : message,
    });
  const columns = [...places.keys()];
  const keyOf = [...places.values()].map((place) => keys[place] ?? '');
  const lines: Buffer[] = [];
  for (const [index, row] of rows.entries()) {
    if (errors.length >= maxErrors) break;
    const cells: Cell[] = keyOf.map((key) => {
      const value = isObject(row) && Object.hasOwn(row, key) ? row[key] : undefined;
      const fault = faultOf(value);
      if (fault !== undefined)
        errors.push({ pointer: pointer(['tables', name, index, key]), message: fault });
      return cellOf(value);
    });
    const line = Buffer.from(csvLine([index, null, ...cells]));
    if (line.length > maxRecordBytes)
      errors.push({
        pointer: pointer(['tables', name, index]),
        message: `is longer than ${maxRecordBytes.toLocaleString('en')} bytes`,
      });
    lines.push(line);
  }
  return { columns, rows: rows.length, csv: Buffer.concat(lines) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const cellOf = (value: unknown): Cell => {
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'string' || typeof value === 'number' ? value : null;
};

function faultOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'undefined':
    case 'boolean':
    case 'number':
      return undefined;
    case 'string':
      return isStorableText(value) ? undefined : 'must hold no NUL and no lone surrogate';
    default:
      return value === null ? undefined : 'must be a text, a number, true, false or null';
  }
}
