import type { Column, Frame } from '../ml/frame.ts';
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

/** A `Date` holds no later time; the snapshots do, until the year 294247. */
const latestMs = 8.64e15;

/** One row as a request would carry it; what is missing, or a time that none could carry, is null. Timestamps are RFC 3339. */
export function rowInstance(
  frame: Frame,
  inputs: readonly InputColumn[],
  row: number,
): Record<string, JsonValue> {
  return Object.fromEntries(inputs.map(({ name }) => [name, cell(frame.columns.get(name), row)]));
}

function cell(column: Column | undefined, row: number): JsonValue {
  switch (column?.kind) {
    case undefined:
      return null;
    case 'number': {
      const value = column.values[row] as number;
      return Number.isNaN(value) ? null : value;
    }
    case 'timestamp': {
      const value = column.values[row] as number;
      return Math.abs(value) <= latestMs ? new Date(value).toISOString() : null;
    }
    case 'category':
      return column.levels[column.codes[row] as number] ?? null;
    case 'text':
      return column.values[row] ?? null;
    default:
      return column satisfies never;
  }
}
