import { type Column, type Frame, readCell } from '../ml/frame.ts';
import type { JsonValue } from '../ml/learner.ts';
import type { InputColumn } from '../ml/recipe/spec.ts';

/** The rows of these indices, in their order. */
export function selectRows(frame: Frame, rows: Int32Array): Frame {
  const columns = new Map<string, Column>();
  for (const [name, column] of frame.columns) columns.set(name, selectColumn(column, rows));
  return { rows: rows.length, columns };
}

function selectColumn(column: Column, rows: Int32Array): Column {
  switch (column.kind) {
    case 'number':
    case 'timestamp':
      return { kind: column.kind, values: selectValues(column.values, rows) };
    case 'category':
      return { ...column, codes: rows.map((row) => column.codes[row] as number) };
    case 'text':
      return { kind: 'text', values: Array.from(rows, (row) => column.values[row] ?? null) };
    default:
      return column satisfies never;
  }
}

export function selectValues(values: Float64Array, rows: Int32Array): Float64Array {
  const selected = new Float64Array(rows.length);
  // A loop: `Float64Array.from` with a callback takes ten times as long, and folds and resamples call this often.
  for (let i = 0; i < rows.length; i++) selected[i] = values[rows[i] as number] as number;
  return selected;
}

/** One row as a request would carry it; what is missing, or a time that none could carry, is null. Timestamps are RFC 3339. */
export function rowInstance(
  frame: Frame,
  inputs: readonly InputColumn[],
  row: number,
): Record<string, JsonValue> {
  return Object.fromEntries(inputs.map(({ name }) => [name, readCell(frame.columns.get(name), row)]));
}
