import type { ColumnKind } from '../frame.ts';

/**
 * What every step comes down to. A step says once what it does to one value; `over-columns.ts` runs the
 * operations over whole columns, `over-rows.ts` compiles them for single rows, and both give the same bits
 * because they call the same functions in the same order.
 */
export type Operation =
  | { op: 'copy'; from: string; as: string }
  | { op: 'keep'; columns: readonly string[] }
  | { op: 'drop'; columns: readonly string[] }
  /** Number or timestamp in, number out; NaN is missing on both sides. */
  | { op: 'unary'; from: string; as: string; apply: (value: number) => number }
  | { op: 'binary'; left: string; right: string; as: string; apply: (left: number, right: number) => number }
  /** 1, 0, or missing where either side is; both sides of one kind. */
  | { op: 'equal'; left: string; right: string; as: string }
  | { op: 'missing'; from: string; as: string }
  /** Two categories in, one out: `crossLevels` of theirs. */
  | { op: 'cross'; left: string; right: string; as: string }
  /** Texts in, one out: `joinTexts` of them. */
  | { op: 'join'; from: readonly string[]; as: string; glue: string }
  /** Category in, number out. `apply` must depend on its argument only: columns call it once a level. */
  | { op: 'category'; from: string; as: string; apply: (value: string | null) => number }
  /** As `category`, except that a frame's own column `as` goes before it: the as-of value of the row. */
  | { op: 'lookup'; from: string; as: string; apply: (value: string | null) => number }
  /** (value − centre) / width. No `unary`: numbers that pass through a call are boxed, and wide recipes scale every column. */
  | { op: 'scale'; column: string; centre: number; width: number }
  /** What is missing becomes `value`: a number's NaN, or a category's null. */
  | { op: 'fill'; column: string; value: number | string }
  /** One category into `names.length` numbers: 1 at `slotOf(value)`, 0 elsewhere; -1 sets none. */
  | { op: 'expand'; from: string; names: readonly string[]; slotOf: (value: string | null) => number }
  | { op: 'codes'; from: string; levels: readonly string[] }
  | { op: 'sparse'; from: string; names: readonly string[]; vectorise: Vectorise };

/** Emits the entries of one text with rising indices. */
export type Vectorise = (text: string | null, emit: (index: number, value: number) => void) => void;

/** A column on its way through a recipe: `codes` is a category that has become an output. */
export type WorkingKind = ColumnKind | 'codes';

/** Those that are not missing; missing where all are. */
export function joinTexts(texts: Iterable<string | null>, glue: string): string | null {
  let joined: string | null = null;
  for (const text of texts) if (text !== null) joined = joined === null ? text : joined + glue + text;
  return joined;
}

/** The level of a pair; missing where either is. */
export const crossLevels = (left: string | null, right: string | null): string | null =>
  left === null || right === null ? null : `${left} × ${right}`;
