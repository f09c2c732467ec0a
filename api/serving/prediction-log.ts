import type { LoggedPrediction, PackedPredictions } from '../../db/prediction-columns.ts';
import { databaseFault } from '../database-fault.ts';

/** Pipeline → version in production, as the statement that stored the predictions saw it. */
export type ProductionVersions = ReadonlyMap<string, number>;

/** Thrown when more predictions wait to be stored than the log holds; the database is too slow or away. */
export class PredictionLogFull extends Error {
  override readonly name = 'PredictionLogFull';
}

/** Those of a big request come packed, from a thread. */
export type PredictionRows = readonly LoggedPrediction[] | PackedPredictions;

export type PredictionLog = {
  /**
   * Resolves once the rows are stored, or, for rows of a version that is not in production, once the database has
   * said so: they are not stored then (see `createPredictionStore`).
   * @throws PredictionLogFull
   */
  append(rows: PredictionRows): Promise<ProductionVersions>;
  /** Resolves when all that was appended is stored or has failed. */
  drain(): Promise<void>;
};

type Waiting = {
  rows: PredictionRows;
  resolve: (production: ProductionVersions) => void;
  reject: (error: unknown) => void;
};

/** Two: one statement is on its way while the database commits the other. */
const maxFlushes = 2;
const maxRowsAFlush = 2_000;
/** A request of so many rows flushes alone, and one at a time, so that small ones do not wait for it. */
const bigRequestRows = 500;
const maxWaitingRows = 50_000;

/**
 * Group commit without a timer: what arrives while the flushes run is stored by the next one, so a lone request
 * waits for nothing and a crowd shares commits.
 */
export function createPredictionLog(
  store: (rows: PredictionRows) => Promise<ProductionVersions>,
): PredictionLog {
  const small: Waiting[] = [];
  const big: Waiting[] = [];
  let waitingRows = 0;
  let flushes = 0;
  let isBigFlushing = false;
  let onIdle: (() => void)[] = [];

  const flush = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const production = await store(joined(batch));
      for (const { resolve } of batch) resolve(production);
    } catch (error) {
      if (batch.length > 1 && databaseFault(error) === 'data') {
        // A value that the database refuses fails the statement: halve until it fails alone.
        const middle = batch.length >> 1;
        await flush(batch.slice(0, middle));
        await flush(batch.slice(middle));
      } else {
        for (const { reject } of batch) reject(error);
      }
    }
  };

  const takeSmall = (): Waiting[] => {
    let rows = 0;
    let count = 0;
    for (const { rows: own } of small) {
      if (count > 0 && rows + own.length > maxRowsAFlush) break;
      rows += own.length;
      count += 1;
    }
    return small.splice(0, count);
  };
  const start = (batch: readonly Waiting[], onEnd: () => void): void => {
    flushes += 1;
    for (const { rows } of batch) waitingRows -= rows.length;
    void flush(batch).finally(() => {
      flushes -= 1;
      onEnd();
      pump();
    });
  };

  const pump = (): void => {
    const [nextBig] = big;
    if (flushes < maxFlushes && !isBigFlushing && nextBig !== undefined) {
      big.shift();
      isBigFlushing = true;
      start([nextBig], () => {
        isBigFlushing = false;
      });
    }
    while (flushes < maxFlushes && small.length > 0) start(takeSmall(), () => undefined);
    if (flushes === 0) {
      for (const resolve of onIdle) resolve();
      onIdle = [];
    }
  };

  return {
    append(rows) {
      if (waitingRows + rows.length > maxWaitingRows) {
        return Promise.reject(
          new PredictionLogFull(`${waitingRows} predictions wait to be stored, of at most ${maxWaitingRows}`),
        );
      }
      return new Promise((resolve, reject) => {
        waitingRows += rows.length;
        (isBig(rows) ? big : small).push({ rows, resolve, reject });
        pump();
      });
    },
    drain: () =>
      flushes === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            onIdle.push(resolve);
          }),
  };
}

const isPacked = (rows: PredictionRows): rows is PackedPredictions => 'columns' in rows;
const isBig = (rows: PredictionRows): boolean => isPacked(rows) || rows.length >= bigRequestRows;

/** What is packed is big, and stands alone. */
function joined(batch: readonly Waiting[]): PredictionRows {
  const [first] = batch;
  if (first !== undefined && batch.length === 1) return first.rows;
  return batch.flatMap(({ rows }) => (isPacked(rows) ? [] : rows));
}
