/**
 * Columns of equal length, the form in which rows enter `ml`.
 * Missing: NaN in numbers and timestamps, -1 in category codes, null in texts.
 */
export type NumberColumn = { kind: 'number'; values: Float64Array };
/** Milliseconds since the epoch, UTC. */
export type TimestampColumn = { kind: 'timestamp'; values: Float64Array };
/** `codes[i]` indexes `levels`. The order of levels carries no meaning. */
export type CategoryColumn = { kind: 'category'; codes: Int32Array; levels: readonly string[] };
export type TextColumn = { kind: 'text'; values: readonly (string | null)[] };
export type Column = NumberColumn | TimestampColumn | CategoryColumn | TextColumn;
export type ColumnKind = Column['kind'];

export type Frame = { rows: number; columns: ReadonlyMap<string, Column> };

export type Cell = string | number | null;

/** A `Date` holds no later time; the snapshots do, until the year 294247. */
const latestMs = 8.64e15;

/** One value as a request would carry it; what is missing, or a time that none could carry, is null. Timestamps are RFC 3339. */
export function readCell(column: Column | undefined, row: number): Cell {
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

/** A row's values of text columns, in their order; null where one is missing. */
export function readTexts(frame: Frame, columns: readonly string[], row: number): (string | null)[] {
  return columns.map((name) => {
    const value = readCell(frame.columns.get(name), row);
    return typeof value === 'string' ? value : null;
  });
}

/** Rows `from` to `to`, `to` exclusive. Numbers and codes are views into the frame's own. */
export function sliceFrame({ columns }: Frame, from: number, to: number): Frame {
  return {
    rows: to - from,
    columns: new Map([...columns].map(([name, c]) => [name, sliceColumn(c, from, to)])),
  };
}

function sliceColumn(column: Column, from: number, to: number): Column {
  switch (column.kind) {
    case 'number':
    case 'timestamp':
      return { kind: column.kind, values: column.values.subarray(from, to) };
    case 'category':
      return { ...column, codes: column.codes.subarray(from, to) };
    case 'text':
      return { kind: column.kind, values: column.values.slice(from, to) };
    default:
      return column satisfies never;
  }
}

/** The rows of these indices, in their order. */
export function selectRows(frame: Frame, rows: Int32Array): Frame {
  const columns = new Map<string, Column>();
  for (const [name, column] of frame.columns) columns.set(name, selectColumn(column, rows));
  return { rows: rows.length, columns };
}

export function selectColumn(column: Column, rows: Int32Array): Column {
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
