import type { ChosenRounding } from './gradients.ts';
import type { GrowerRows, RowRange } from './histogram.ts';
import type { NodeSearch } from './node-search.ts';
import type { RoundingStage } from './packed-derivatives.ts';
import type { PackedArrays, PackedScratch } from './packed-histogram.ts';
import type { RowLists } from './partition.ts';
import type { NodeTotals, Split, SplitRules } from './splitting.ts';

/** What a helper needs; all arrays of size lie in shared memory. Survives structured cloning. */
export type CrewJob = {
  memory: WebAssembly.Memory;
  grower: GrowerRows;
  lists: RowLists;
  packed: PackedArrays;
  rules: SplitRules;
  /** One a helper. */
  scratch: PackedScratch[];
  /** See `cells`. */
  board: Int32Array;
  /** Units, totals of two nodes, then the splits found: two a helper. */
  numbers: Float64Array;
};

/** Of `board`: the task, then some cells a helper, then lists of features: counted, and of either node. */
export const cells = {
  /** Threads that have counted their share of the rows, and helpers that are done with the task. */
  counted: 0,
  finished: 1,
  failed: 2,
  threads: 3,
  /** What the task is: see `kinds`. */
  kind: 4,
  start: 5,
  end: 6,
  histogram: 7,
  parent: 8,
  features: 9,
  byRows: 10,
  finds: 11,
  /** Histogram and number of features of the first node; then of the second. */
  find: 12,
  countBits: 16,
  /** Of a division: whose bins divide the rows. */
  divisor: 17,
  helpers: 18,
} as const;
const kinds = ['measure', 'pack', 'search', 'divide'] as const satisfies CrewTask['kind'][];

const cellsOfHelper = 3;
/** How many tasks a helper was given, or `dismissed`. */
export const givenCell = (helper: number): number => cells.helpers + helper * cellsOfHelper;
/** 1 once the helper listens. */
export const listeningCell = (helper: number): number => givenCell(helper) + 1;
/** Of a division: how many of the helper's rows go left. */
export const leftRowsCell = (helper: number): number => givenCell(helper) + 2;
export const dismissed = -1;

const unitNumbers = 3;
const totalNumbers = 3;
const splitNumbers = 16;
const firstResult = unitNumbers + 2 * totalNumbers;

export const boardCells = (features: number, helpers: number): number => givenCell(helpers) + 3 * features;
export const boardNumbers = (helpers: number): number => firstResult + helpers * 2 * splitNumbers;

/** What a crew is given to do, all its threads at once. */
export type CrewTask =
  | RoundingStage
  | { kind: 'search'; search: NodeSearch; byRows: boolean }
  | { kind: 'divide'; range: RowRange; feature: number };

/** The part of a thread in a task: 0 is the thread of the fit. */
export type Part = { index: number; of: number };

export function partOf({ start, end }: RowRange, { index, of }: Part): RowRange {
  const rows = end - start;
  return {
    start: start + Math.floor((rows * index) / of),
    end: start + Math.floor((rows * (index + 1)) / of),
  };
}

export function writeTask(job: CrewJob, task: CrewTask, threads: number): void {
  const { board } = job;
  board[cells.threads] = threads;
  board[cells.kind] = kinds.indexOf(task.kind);
  switch (task.kind) {
    case 'measure':
      board[cells.end] = task.count;
      break;
    case 'pack':
      board[cells.end] = task.count;
      writeRounding(job, task.rounding);
      break;
    case 'search':
      writeSearch(job, task.search);
      board[cells.byRows] = task.byRows ? 1 : 0;
      break;
    case 'divide':
      writeRange(job, task.range);
      board[cells.divisor] = task.feature;
  }
}

/** @param bests records for the splits that a search finds */
export function readTask(job: CrewJob, bests: readonly Split[]): { task: CrewTask; threads: number } {
  const cell = (at: number): number => job.board[at] as number;
  const kind = kinds[cell(cells.kind)];
  const threads = cell(cells.threads);
  const count = cell(cells.end);
  switch (kind) {
    case 'measure':
      return { threads, task: { kind, count } };
    case 'pack':
      return { threads, task: { kind, count, rounding: readRounding(job) } };
    case 'search':
      return { threads, task: { kind, search: readSearch(job, bests), byRows: cell(cells.byRows) === 1 } };
    case 'divide':
      return { threads, task: { kind, range: readRange(job), feature: cell(cells.divisor) } };
    default:
      throw new RangeError(`the board names a task of kind ${cell(cells.kind)}`);
  }
}

function writeRange({ board }: CrewJob, { start, end }: RowRange): void {
  board[cells.start] = start;
  board[cells.end] = end;
}

const readRange = ({ board }: CrewJob): RowRange => ({
  start: board[cells.start] as number,
  end: board[cells.end] as number,
});

function writeRounding({ board, numbers }: CrewJob, rounding: ChosenRounding): void {
  board[cells.countBits] = rounding.countBits;
  numbers[0] = rounding.gradientUnit;
  numbers[1] = rounding.hessianUnit;
  numbers[2] = rounding.equalHessian ?? Number.NaN;
}

function readRounding({ board, numbers }: CrewJob): ChosenRounding {
  const equalHessian = numbers[2] as number;
  return {
    gradientUnit: numbers[0] as number,
    hessianUnit: numbers[1] as number,
    equalHessian: Number.isNaN(equalHessian) ? null : equalHessian,
    countBits: board[cells.countBits] as number,
  };
}

function writeSearch(job: CrewJob, { range, counted, features, parent, finds }: NodeSearch): void {
  const { board, numbers } = job;
  writeRange(job, range);
  board[cells.histogram] = counted;
  board[cells.parent] = parent ?? -1;
  board[cells.features] = features.length;
  board[cells.finds] = finds.length;
  board.set(features, listAt(job, 0));
  finds.forEach(({ histogram, totals, among }, place) => {
    board[cells.find + place * 2] = histogram;
    board[cells.find + place * 2 + 1] = among.length;
    board.set(among, listAt(job, place + 1));
    numbers.set([totals.gradient, totals.hessian, totals.rows], unitNumbers + place * totalNumbers);
  });
}

function readSearch(job: CrewJob, bests: readonly Split[]): NodeSearch {
  const { board, numbers } = job;
  const cell = (at: number): number => board[at] as number;
  const list = (place: number, length: number): Int32Array =>
    board.subarray(listAt(job, place), listAt(job, place) + length);
  const totalsOf = (place: number): NodeTotals => {
    const [gradient = 0, hessian = 0, rows = 0] = numbers.subarray(unitNumbers + place * totalNumbers);
    return { gradient, hessian, rows };
  };
  const parent = cell(cells.parent);
  return {
    range: readRange(job),
    counted: cell(cells.histogram),
    features: list(0, cell(cells.features)),
    parent: parent === -1 ? null : parent,
    finds: bests.slice(0, cell(cells.finds)).map((best, place) => ({
      histogram: cell(cells.find + place * 2),
      totals: totalsOf(place),
      among: list(place + 1, cell(cells.find + place * 2 + 1)),
      best,
    })),
  };
}

const listAt = ({ scratch, grower }: CrewJob, list: number): number =>
  givenCell(scratch.length) + list * grower.binned.features;

/** A helper's answer to a search: the best split of its features for the node at that place. */
export type FoundAt = { helper: number; place: number };
const resultAt = ({ helper, place }: FoundAt): number => firstResult + (helper * 2 + place) * splitNumbers;

export function writeSplit({ numbers }: CrewJob, found: FoundAt, split: Split): void {
  const at = resultAt(found);
  numbers[at] = split.gain;
  numbers[at + 1] = split.feature;
  numbers[at + 2] = split.bin;
  numbers[at + 3] = (split.categorical ? 2 : 0) + (split.missingLeft ? 1 : 0);
  numbers[at + 4] = split.leftGradient;
  numbers[at + 5] = split.leftHessian;
  numbers[at + 6] = split.leftRows;
  numbers.set(split.leftBins, at + 7);
}

/** Takes over the helper's split where it gains more. */
export function takeBetter({ numbers }: CrewJob, found: FoundAt, best: Split): void {
  const at = resultAt(found);
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
