import type { Rounding } from './gradients.ts';
import type { GrowerRows } from './histogram.ts';
import { createKernel } from './kernel.ts';
import { type NodeSearch, type Searcher, searchNode } from './node-search.ts';
import { createPackedHistograms, type PackedArrays, type PackedScratch } from './packed-histogram.ts';
import { createFeatureScan, createSplit, type NodeTotals, type Split, type SplitRules } from './splitting.ts';

/**
 * Cores beside that of the fit's own thread, lent for a while. Which of them take part never changes a model: each
 * works on features of its own, and sums are exact.
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
  /** Silence of a helper amid a search, after which it is taken for dead; 10 seconds unless told. */
  patienceMs?: number | undefined;
};

/** Thrown where a helper's thread has failed or is gone. The fit can be made without helpers: the model is the same. */
export class HelperLost extends Error {
  override readonly name = 'HelperLost';
}

/** What a helper needs; all arrays of size lie in shared memory. Survives structured cloning. */
export type CrewJob = {
  memory: WebAssembly.Memory;
  grower: GrowerRows;
  packed: PackedArrays;
  rules: SplitRules;
  /** One a helper. */
  scratch: PackedScratch[];
  /** See `cells`. */
  board: Int32Array;
  /** Units, totals of two nodes, then the splits found: two a helper. */
  numbers: Float64Array;
};

/** Of `board`: what is searched, then two cells a helper, then lists of features: counted, and of either node. */
const cells = {
  finished: 0,
  failed: 1,
  start: 2,
  end: 3,
  counted: 4,
  parent: 5,
  features: 6,
  finds: 7,
  /** Histogram and number of features of the first node; then of the second. */
  find: 8,
  threads: 12,
  countBits: 13,
  helpers: 14,
} as const;
/** A helper's cells: how many searches it was given, or `dismissed`; and 1 once it listens. */
const cellsOfHelper = 2;
const dismissed = -1;
const unitNumbers = 3;
const totalNumbers = 3;
const splitNumbers = 16;
const firstResult = unitNumbers + 2 * totalNumbers;

/** Loads of a cell before the thread sleeps: some tens of microseconds, as long as a big node is partitioned. */
const spins = 20_000;
/** Between two looks at whether the fit is to stop. */
const waitMs = 100;
/** Hundreds of times what a search of the rows that fit into memory takes. */
const helperPatienceMs = 10_000;

export const boardCells = (features: number, helpers: number): number =>
  cells.helpers + helpers * cellsOfHelper + 3 * features;
export const boardNumbers = (helpers: number): number => firstResult + helpers * 2 * splitNumbers;

export type Crew = {
  /** Settles who works on the next tree. */
  muster(): void;
  search(search: NodeSearch, searcher: Searcher, rounding: Omit<Rounding, 'totals'>): void;
};

export function createCrew(job: CrewJob, cores: Cores): Crew {
  const { board } = job;
  const { patienceMs = helperPatienceMs } = cores;
  let threads = 1;
  cores.enlist(job);

  const awaitHelpers = (): void => {
    const all = threads - 1;
    for (let spin = 0; spin < spins; spin++) if (Atomics.load(board, cells.finished) === all) return;
    // Counted, for a clock would also run while the whole process is halted, helpers with it.
    for (let silentMs = 0; silentMs < patienceMs; ) {
      const finished = Atomics.load(board, cells.finished);
      if (finished === all) return;
      cores.throwIfStopped();
      if (Atomics.wait(board, cells.finished, finished, waitMs) === 'timed-out') silentMs += waitMs;
    }
    throw new HelperLost(`a helper thread of the tree grower has been silent for ${patienceMs} ms`);
  };

  return {
    muster: () => {
      threads = 1 + Math.min(cores.lent(), listeningHelpers(job));
    },
    search: (search, searcher, rounding) => {
      if (threads === 1) {
        searchNode(search, searcher, { index: 0, of: 1 });
        return;
      }
      writeSearch(job, { search, rounding, threads });
      Atomics.store(board, cells.finished, 0);
      for (let helper = 0; helper < threads - 1; helper++) {
        Atomics.add(board, helperCell(helper), 1);
        Atomics.notify(board, helperCell(helper));
      }
      searchNode(search, searcher, { index: 0, of: threads });
      awaitHelpers();
      if (Atomics.load(board, cells.failed) === 1)
        throw new HelperLost('a helper thread of the tree grower failed');
      // Helpers have later features than the caller, in their order: on ties the first feature wins, as in one thread.
      for (let helper = 0; helper < threads - 1; helper++) {
        search.finds.forEach(({ best }, place) => {
          takeBetter(job.numbers, resultAt(helper, place), best);
        });
      }
    },
  };
}

/** The helpers, from the first on, whose threads have begun; the others are not waited for. */
export function listeningHelpers({ board, scratch }: CrewJob): number {
  let listening = 0;
  while (listening < scratch.length && Atomics.load(board, helperCell(listening) + 1) === 1) listening++;
  return listening;
}

/** Ends the work of the helpers on a job; they may take another. */
export function dismissCrew({ board, scratch }: CrewJob): void {
  scratch.forEach((_, helper) => {
    Atomics.store(board, helperCell(helper), dismissed);
    Atomics.notify(board, helperCell(helper));
  });
}

/** A helper's part, in its own thread; blocks it until the crew is dismissed. */
export function assist(job: CrewJob, helper: number): void {
  const { board, memory, grower, packed, rules } = job;
  const kernel = createKernel(memory);
  const scratch = job.scratch[helper];
  if (kernel === null || scratch === undefined) throw new Error(`no kernel or no room for helper ${helper}`);
  const histograms = createPackedHistograms(kernel, grower, packed, scratch);
  const searcher = { histograms, scan: createFeatureScan(grower.binning, rules) };
  const bests = [createSplit(), createSplit()];
  const given = helperCell(helper);
  let seen = 0;
  Atomics.compareExchange(board, given + 1, 0, 1);
  try {
    for (;;) {
      for (let spin = 0; spin < spins && Atomics.load(board, given) === seen; spin++);
      while (Atomics.load(board, given) === seen) Atomics.wait(board, given, seen);
      seen = Atomics.load(board, given);
      if (seen === dismissed) return;
      const { search, rounding, threads } = readSearch(job, bests);
      histograms.use(rounding);
      searchNode(search, searcher, { index: helper + 1, of: threads });
      search.finds.forEach(({ best }, place) => {
        writeSplit(best, job.numbers, resultAt(helper, place));
      });
      Atomics.add(board, cells.finished, 1);
      Atomics.notify(board, cells.finished);
    }
  } catch (error) {
    Atomics.store(board, cells.failed, 1);
    Atomics.add(board, cells.finished, 1);
    Atomics.notify(board, cells.finished);
    throw error;
  }
}

const helperCell = (helper: number): number => cells.helpers + helper * cellsOfHelper;
const resultAt = (helper: number, place: number): number => firstResult + (helper * 2 + place) * splitNumbers;
const listAt = ({ scratch, grower }: CrewJob, list: number): number =>
  cells.helpers + scratch.length * cellsOfHelper + list * grower.binned.features;

type Posted = { search: NodeSearch; rounding: Omit<Rounding, 'totals'>; threads: number };

function writeSearch(job: CrewJob, { search, rounding, threads }: Posted): void {
  const { board, numbers } = job;
  const { range, counted, features, parent, finds } = search;
  board[cells.start] = range.start;
  board[cells.end] = range.end;
  board[cells.counted] = counted;
  board[cells.parent] = parent ?? -1;
  board[cells.features] = features.length;
  board[cells.finds] = finds.length;
  board[cells.threads] = threads;
  board[cells.countBits] = rounding.countBits;
  board.set(features, listAt(job, 0));
  numbers[0] = rounding.gradientUnit;
  numbers[1] = rounding.hessianUnit;
  numbers[2] = rounding.equalHessian ?? Number.NaN;
  finds.forEach(({ histogram, totals, among }, place) => {
    board[cells.find + place * 2] = histogram;
    board[cells.find + place * 2 + 1] = among.length;
    board.set(among, listAt(job, place + 1));
    numbers.set([totals.gradient, totals.hessian, totals.rows], unitNumbers + place * totalNumbers);
  });
}

function readSearch(job: CrewJob, bests: readonly Split[]): Posted {
  const { board, numbers } = job;
  const cell = (at: number): number => board[at] as number;
  const number = (at: number): number => numbers[at] as number;
  const list = (place: number, length: number): Int32Array =>
    board.subarray(listAt(job, place), listAt(job, place) + length);
  const totalsOf = (place: number): NodeTotals => {
    const at = unitNumbers + place * totalNumbers;
    return { gradient: number(at), hessian: number(at + 1), rows: number(at + 2) };
  };
  const parent = cell(cells.parent);
  const equalHessian = number(2);
  return {
    threads: cell(cells.threads),
    rounding: {
      gradientUnit: number(0),
      hessianUnit: number(1),
      equalHessian: Number.isNaN(equalHessian) ? null : equalHessian,
      countBits: cell(cells.countBits),
    },
    search: {
      range: { start: cell(cells.start), end: cell(cells.end) },
      counted: cell(cells.counted),
      features: list(0, cell(cells.features)),
      parent: parent === -1 ? null : parent,
      finds: bests.slice(0, cell(cells.finds)).map((best, place) => ({
        histogram: cell(cells.find + place * 2),
        totals: totalsOf(place),
        among: list(place + 1, cell(cells.find + place * 2 + 1)),
        best,
      })),
    },
  };
}

function writeSplit(split: Split, numbers: Float64Array, at: number): void {
  numbers[at] = split.gain;
  numbers[at + 1] = split.feature;
  numbers[at + 2] = split.bin;
  numbers[at + 3] = (split.categorical ? 2 : 0) + (split.missingLeft ? 1 : 0);
  numbers[at + 4] = split.leftGradient;
  numbers[at + 5] = split.leftHessian;
  numbers[at + 6] = split.leftRows;
  numbers.set(split.leftBins, at + 7);
}

function takeBetter(numbers: Float64Array, at: number, best: Split): void {
  const number = (place: number): number => numbers[at + place] as number;
  if (!(number(0) > best.gain)) return;
  best.gain = number(0);
  best.feature = number(1);
  best.bin = number(2);
  best.categorical = number(3) >= 2;
  best.missingLeft = number(3) % 2 === 1;
  best.leftGradient = number(4);
  best.leftHessian = number(5);
  best.leftRows = number(6);
  best.leftBins.set(numbers.subarray(at + 7, at + 7 + best.leftBins.length));
}
