import type { LabelledRows } from './read-rows.ts';

/**
 * Keeps the rows that a thread read last, for as long as what is asked of it wants the same: the trials of a search.
 * Whoever gets them leaves them as they are.
 */
export type RowKeeper = {
  /** @param key all that the rows follow from */
  rows(key: string, read: () => Promise<LabelledRows>): Promise<LabelledRows>;
  /** Frees them. */
  forget(): void;
};

export function createRowKeeper(): RowKeeper {
  let kept: { key: string; rows: LabelledRows } | null = null;
  return {
    async rows(key, read) {
      if (kept?.key === key) return kept.rows;
      // Before the next are read: two sets of rows may be more than the thread has room for.
      kept = null;
      const rows = await read();
      kept = { key, rows };
      return rows;
    },
    forget() {
      kept = null;
    },
  };
}
