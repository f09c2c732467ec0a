import type { ReviewBatch } from './reviews.ts';

/** Messages of the workflow that takes in the reviews of a source. */
export const ingestMessages = { addBatches: 'addBatches', stats: 'stats' } as const;

/** Since the source was first heard of. */
export type IngestTotals = {
  /** Reviews that have a score, and that none could be given to. */
  scored: number;
  quarantined: number;
  /** Times that batches were given up for now; the sweeper brings them again. */
  failures: number;
};

/** What a run of the workflow begins with; what is waiting, and the totals, come from the run before. */
export type IngestReviews = {
  source: string;
  waiting?: ReviewBatch[];
  totals?: IngestTotals;
  /** Of a history, from which on a new run is begun. */
  maxEvents?: number;
};

export type IngestStats = IngestTotals & {
  /** Batches that have yet to be scored, as far as the workflow has been told. */
  waiting: number;
  historyEvents: number;
};

export type IngestResult = {
  scored: number;
  quarantined: number;
  /** They wait, for no model is in production. */
  waits?: true;
};
