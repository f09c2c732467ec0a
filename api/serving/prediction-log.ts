import { isPacked, type PredictionRows } from '../../db/prediction-columns.ts';
import { databaseFault } from '../database-fault.ts';

/** Pipeline → version in production, as the statement that stored the predictions saw it. */
export type ProductionVersions = ReadonlyMap<string, number>;

/** Thrown when predictions cannot be stored in time: too many wait already, or the database takes too long. */
export class PredictionsNotStored extends Error {
  override readonly name = 'PredictionsNotStored';
}

export type PredictionLog = {
  /**
   * Resolves once the rows are stored, or, for rows of a version that is not in production, once the database has
   * said so: they are not stored then (see `createPredictionStore`).
   * @throws PredictionsNotStored; where their statement had been sent already, they may be stored all the same
   */
  append(rows: PredictionRows): Promise<ProductionVersions>;
  /** Resolves when all that was appended is stored or has failed. */
  drain(): Promise<void>;
};

type Waiting = {
  rows: PredictionRows;
  sinceBeat: number;
  resolve: (production: ProductionVersions) => void;
  reject: (error: unknown) => void;
};

/** Requests that are being stored, and the beat at which they were sent. */
type Flush = { batch: readonly Waiting[]; sinceBeat: number };

/** Two: one statement is on its way while the database commits the other. */
const maxFlushes = 2;
const maxRowsAFlush = 2_000;
/** A request of so many rows flushes alone, and one at a time, so that small ones do not wait for it. */
const bigRequestRows = 500;
const maxWaitingRows = 50_000;
/** Four seconds, counted in beats: a process that was paused itself has missed one, however long it slept. */
const maxWaitBeats = 16;
const defaultBeatMs = 250;

/**
 * Group commit without a timer: what arrives while the flushes run is stored by the next one, so a lone request
 * waits for nothing and a crowd shares commits.
 */
export function createPredictionLog(
  store: (rows: PredictionRows) => Promise<ProductionVersions>,
  { beatMs = defaultBeatMs }: { beatMs?: number } = {},
): PredictionLog {
  const small: Waiting[] = [];
  const big: Waiting[] = [];
  /** What is being stored. No Map, whose dead copies would keep requests alive: see `createDatabaseWatch`. */
  const underWay: Flush[] = [];
  let waitingRows = 0;
  let isBigFlushing = false;
  let beat = 0;
  let isBeating = false;
  let isPumping = false;
  let onIdle: (() => void)[] = [];

  const isLate = (sinceBeat: number): boolean => beat - sinceBeat >= maxWaitBeats;
  const isStuck = (): boolean =>
    underWay.length === maxFlushes && underWay.every(({ sinceBeat }) => isLate(sinceBeat));
  const refuseLate = (): void => {
    const late = new PredictionsNotStored('the database takes too long to store predictions');
    for (const { batch } of underWay) {
      for (const { sinceBeat, reject } of batch) if (isLate(sinceBeat)) reject(late);
    }
    for (const queue of [small, big]) {
      const inTime = queue.findIndex(({ sinceBeat }) => !isLate(sinceBeat));
      for (const { rows, reject } of queue.splice(0, inTime < 0 ? queue.length : inTime)) {
        waitingRows -= rows.length;
        reject(late);
      }
    }
  };
  /** Beats while something is being stored. */
  const keepBeating = (): void => {
    if (isBeating) return;
    isBeating = true;
    setTimeout(() => {
      isBeating = false;
      beat += 1;
      refuseLate();
      pump();
      if (underWay.length > 0) keepBeating();
    }, beatMs);
  };

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
    const started = { batch, sinceBeat: beat };
    underWay.push(started);
    keepBeating();
    for (const { rows } of batch) waitingRows -= rows.length;
    void flush(batch).finally(() => {
      underWay.splice(underWay.indexOf(started), 1);
      onEnd();
      pump();
    });
  };

  /**
   * Beside a flush of small ones, the next starts when as many wait as that one holds, or when it hangs: a statement
   * and its commit cost the database as much as a dozen rows, and a crowd would part into flushes of one and of all
   * others.
   */
  const isWorthFlush = (): boolean => {
    let held = 0;
    for (const { batch, sinceBeat } of underWay) {
      if (beat - sinceBeat <= 1 && !isBigBatch(batch)) held += batch.length;
    }
    return small.length > 0 && small.length >= held;
  };
  const pump = (): void => {
    const [nextBig] = big;
    if (underWay.length < maxFlushes && !isBigFlushing && nextBig !== undefined) {
      big.shift();
      isBigFlushing = true;
      start([nextBig], () => {
        isBigFlushing = false;
      });
    }
    while (underWay.length < maxFlushes && isWorthFlush()) start(takeSmall(), () => undefined);
    if (underWay.length === 0 && small.length + big.length === 0) {
      for (const resolve of onIdle) resolve();
      onIdle = [];
    }
  };

  /** After the requests that were read from other sockets at the same time: they share the flush. */
  const pumpSoon = (): void => {
    if (isPumping) return;
    isPumping = true;
    setImmediate(() => {
      isPumping = false;
      pump();
    });
  };

  return {
    append(rows) {
      if (waitingRows + rows.length > maxWaitingRows) {
        return Promise.reject(
          new PredictionsNotStored(
            `${waitingRows} predictions wait to be stored, of at most ${maxWaitingRows}`,
          ),
        );
      }
      if (isStuck()) {
        return Promise.reject(new PredictionsNotStored('the database does not store predictions now'));
      }
      return new Promise((resolve, reject) => {
        waitingRows += rows.length;
        (isBig(rows) ? big : small).push({ rows, sinceBeat: beat, resolve, reject });
        pumpSoon();
      });
    },
    drain: () =>
      waitingRows === 0 && underWay.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            onIdle.push(resolve);
          }),
  };
}

const isBig = (rows: PredictionRows): boolean => isPacked(rows) || rows.length >= bigRequestRows;
const isBigBatch = ([first]: readonly Waiting[]): boolean => first !== undefined && isBig(first.rows);

/** What is packed is big, and stands alone. */
function joined(batch: readonly Waiting[]): PredictionRows {
  const [first] = batch;
  if (first !== undefined && batch.length === 1) return first.rows;
  return batch.flatMap(({ rows }) => (isPacked(rows) ? [] : rows));
}
