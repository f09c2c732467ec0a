import {
  type CrewJob,
  type CrewTask,
  cells,
  dismissed,
  givenCell,
  leftRowsCell,
  listeningCell,
  partOf,
  takeBetter,
  writeTask,
} from './crew-board.ts';
import type { Rounding } from './gradients.ts';
import type { RowRange } from './histogram.ts';
import { alone, type NodeSearch, type Searcher, searchNode } from './node-search.ts';
import type { PackedDerivatives } from './packed-derivatives.ts';
import type { Partition } from './partition.ts';

/**
 * Cores beside that of the fit's own thread, lent for a while. Which of them take part never changes a model: sums
 * are exact, rows keep their order, and of equal splits the first feature's is taken.
 */
export type Cores = {
  /** Helpers at most. */
  most: number;
  /** Starts them: each runs `assist` on the job, in a thread of its own, until `dismissCrew`. */
  enlist(job: CrewJob): void;
  /** How many may work on the next tree; asked before each. */
  lent(): number;
  /** Asked while waiting for a helper. Throws where the fit is to stop. */
  throwIfStopped(): void;
  /** Silence of a helper amid a task, after which it is taken for dead; 10 seconds unless told. */
  patienceMs?: number | undefined;
};

/** Thrown where a helper's thread has failed or is gone. The fit can be made without helpers: the model is the same. */
export class HelperLost extends Error {
  override readonly name = 'HelperLost';
}

/** Loads of a cell before the thread sleeps: half a millisecond, for to wake it takes as long as to search a small node. */
const spins = 250_000;
/** Between two looks at whether the fit is to stop. */
const waitMs = 100;
/** Hundreds of times what a search of the rows that fit into memory takes. */
const helperPatienceMs = 10_000;
/** Fewer are divided sooner than a helper is told of them. */
const fewestRowsToDivide = 2_000;

export type Crew = {
  /** Settles who works on the next tree, and rounds the derivatives of its rows. */
  begin(count: number): Rounding;
  search(search: NodeSearch, searcher: Searcher): void;
  /** Divides a range of rows by their bin of a feature; returns where the right side begins. */
  divide(range: RowRange, feature: number): number;
};

/** @param rowsToDeal from this many on a node's rows are dealt out; below, its features are */
export function createCrew(
  job: CrewJob,
  cores: Cores,
  {
    derivatives,
    partition,
    rowsToDeal,
  }: { derivatives: PackedDerivatives; partition: Partition; rowsToDeal: number },
): Crew {
  const { board } = job;
  const { patienceMs = helperPatienceMs } = cores;
  let threads = 1;
  cores.enlist(job);

  const post = (task: CrewTask): void => {
    writeTask(job, task, threads);
    Atomics.store(board, cells.counted, 0);
    Atomics.store(board, cells.finished, 0);
    for (let helper = 0; helper < threads - 1; helper++) {
      Atomics.add(board, givenCell(helper), 1);
      Atomics.notify(board, givenCell(helper));
    }
  };
  const awaitAll = (cell: number, all: number): void => {
    let silentMs = 0;
    waitFor(board, cell, all, (hasTimedOut) => {
      cores.throwIfStopped();
      // Counted, for a clock would also run while the whole process is halted, helpers with it.
      if (hasTimedOut) silentMs += waitMs;
      if (silentMs >= patienceMs)
        throw new HelperLost(`a helper thread of the tree grower has been silent for ${patienceMs} ms`);
    });
    if (Atomics.load(board, cells.failed) === 1)
      throw new HelperLost('a helper thread of the tree grower failed');
  };
  const awaitHelpers = (): void => {
    if (threads > 1) awaitAll(cells.finished, threads - 1);
  };

  return {
    begin: (count) => {
      threads = 1 + Math.min(cores.lent(), listeningHelpers(job));
      return derivatives.round(count, (stage) => {
        if (threads > 1) post(stage);
        derivatives.perform(stage, { index: 0, of: threads });
        awaitHelpers();
        return threads;
      });
    },
    search: (search, searcher) => {
      if (threads === 1) {
        searchNode(search, searcher, alone);
        return;
      }
      const byRows = search.range.end - search.range.start >= rowsToDeal;
      post({ kind: 'search', search, byRows });
      const awaitCounts = (): void => {
        Atomics.add(board, cells.counted, 1);
        Atomics.notify(board, cells.counted);
        awaitAll(cells.counted, threads);
      };
      searchNode(search, searcher, { index: 0, of: threads, awaitCounts: byRows ? awaitCounts : null });
      awaitHelpers();
      // Helpers have later features than the caller, in their order: on ties the first feature wins, as in one thread.
      for (let helper = 0; helper < threads - 1; helper++) {
        search.finds.forEach(({ best }, place) => {
          takeBetter(job, { helper, place }, best);
        });
      }
    },
    divide: (range, feature) => {
      if (threads === 1 || range.end - range.start < fewestRowsToDivide)
        return partition.join([partition.divide(range, feature)]);
      post({ kind: 'divide', range, feature });
      const parts = [partition.divide(partOf(range, { index: 0, of: threads }), feature)];
      awaitHelpers();
      for (let helper = 0; helper < threads - 1; helper++) {
        const { start, end } = partOf(range, { index: helper + 1, of: threads });
        parts.push({ start, middle: start + (board[leftRowsCell(helper)] as number), end });
      }
      return partition.join(parts);
    },
  };
}

/**
 * Waits until a cell holds a number, awake at first.
 * @param onWait called before the thread sleeps and after each tenth of a second; throws to give up
 */
export function waitFor(
  board: Int32Array,
  cell: number,
  number: number,
  onWait: (hasTimedOut: boolean) => void,
): void {
  for (let spin = 0; spin < spins; spin++) if (Atomics.load(board, cell) === number) return;
  for (let hasTimedOut = false; ; ) {
    const value = Atomics.load(board, cell);
    if (value === number) return;
    onWait(hasTimedOut);
    hasTimedOut = Atomics.wait(board, cell, value, waitMs) === 'timed-out';
  }
}

/** Waits until a cell holds another number, awake at first, and returns that. */
export function awaitChange(board: Int32Array, cell: number, seen: number): number {
  for (let spin = 0; spin < spins && Atomics.load(board, cell) === seen; spin++);
  while (Atomics.load(board, cell) === seen) Atomics.wait(board, cell, seen);
  return Atomics.load(board, cell);
}

/** The helpers, from the first on, whose threads have begun; the others are not waited for. */
export function listeningHelpers({ board, scratch }: CrewJob): number {
  let listening = 0;
  while (listening < scratch.length && Atomics.load(board, listeningCell(listening)) === 1) listening++;
  return listening;
}

/** Ends the work of the helpers on a job; they may take another. */
export function dismissCrew({ board, scratch }: CrewJob): void {
  scratch.forEach((_, helper) => {
    Atomics.store(board, givenCell(helper), dismissed);
    Atomics.notify(board, givenCell(helper));
  });
}
