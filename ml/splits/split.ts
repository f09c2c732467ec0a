import { z } from 'zod';
import type { Column } from '../frame.ts';
import type { Folds } from './folds.ts';

/** On which side of the hold-out a row is. */
export const sides = { training: 0, heldOut: 1, neither: 2 } as const;

/** Rows, in the order of their keys where a hold-out is made. */
export type SplitRows = {
  rows: number;
  /** Of the column that the split reads. */
  column: Column | undefined;
  /** One a row, such as its class, whose proportions are kept. */
  strata?: ArrayLike<number>;
};

/** A run's parameter that stands in for one of the split's settings, whose value is its default. */
export type SplitParameter = { setting: string; description: string } & (
  | { type: 'number'; min: number; max: number }
  | { type: 'integer'; min: number }
  | { type: 'text' }
);

/**
 * How rows are held out, and how those that are not are cut into folds. `S` is what a declaration says of it.
 * A new one is a file beside this and a line in `registry.ts`.
 */
export interface Split<S extends { by: string } = { by: string }> {
  by: S['by'];
  /** By name; splits that share a name mean the same by it. */
  parameters: Readonly<Record<string, SplitParameter>>;
  /** The column of the rows that it goes by, besides their keys. */
  reads(settings: S): { column: string; kind: 'timestamp' | 'category' } | null;
  /**
   * One of `sides` a row.
   * @throws RangeError where the rows are no good for it
   */
  assign(settings: S, rows: SplitRows & { keys: readonly string[] }): Uint8Array;
  /** Why some rows are on neither side, for the report; null where all are on one. */
  leavesOut(settings: S): { rule: string; reason: string } | null;
  /**
   * Folds among the training rows, the same for all that share a seed.
   * @throws RangeError where the rows are too few
   */
  folds(settings: S, rows: SplitRows, options: { count: number; seed: number }): Folds;
  /**
   * Whether no row that the newer version holds out was in the older one's fit: null, or the reason why that is not known.
   * @param keys the columns that named the entities
   */
  whyNotComparable(newer: S, older: S, keys: KeysOfTwo): string | null;
}

type KeysOfTwo = { newer: string | undefined; older: string | undefined };

export const otherSettings = 'the two versions held out their rows by another salt, share or column';

/** Null where the entities had the same keys. */
export function whyOtherKeys({ newer, older }: KeysOfTwo): string | null {
  if (newer === older) return null;
  const shown = (key: string | undefined): string => (key === undefined ? 'unknown' : `"${key}"`);
  return `the two versions held out their rows by the keys ${shown(newer)} and ${shown(older)}`;
}

export const testShare = {
  setting: 'share',
  type: 'number',
  description: 'Share of the rows held out',
  min: 0.05,
  max: 0.5,
} as const satisfies SplitParameter;

export const shareSchema = z.number().min(testShare.min).max(testShare.max);
