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
