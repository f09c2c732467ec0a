import type { Rounding } from './gradients.ts';
import type { GrowerRows, RowRange } from './histogram.ts';
import type { NodeSearch } from './node-search.ts';
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
  /** What the task is: the feature whose bins divide the rows, or `isSearch`. */
  divisor: 4,
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
  helpers: 17,
} as const;
const isSearch = -1;

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
  | { kind: 'search'; search: NodeSearch; byRows: boolean; rounding: Omit<Rounding, 'totals'> }
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
  const { board, numbers } = job;
  board[cells.threads] = threads;
  if (task.kind === 'divide') {
    board[cells.divisor] = task.feature;
    board[cells.start] = task.range.start;
    board[cells.end] = task.range.end;
    return;
  }
  const { search, rounding } = task;
  const { range, counted, features, parent, finds } = search;
  board[cells.divisor] = isSearch;
  board[cells.start] = range.start;
  board[cells.end] = range.end;
  board[cells.histogram] = counted;
  board[cells.parent] = parent ?? -1;
  board[cells.features] = features.length;
  board[cells.byRows] = task.byRows ? 1 : 0;
  board[cells.finds] = finds.length;
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

/** @param bests records for the splits that a search finds */
export function readTask(job: CrewJob, bests: readonly Split[]): { task: CrewTask; threads: number } {
  const { board, numbers } = job;
  const cell = (at: number): number => board[at] as number;
  const number = (at: number): number => numbers[at] as number;
  const list = (place: number, length: number): Int32Array =>
    board.subarray(listAt(job, place), listAt(job, place) + length);
  const totalsOf = (place: number): NodeTotals => {
    const at = unitNumbers + place * totalNumbers;
    return { gradient: number(at), hessian: number(at + 1), rows: number(at + 2) };
  };
  const threads = cell(cells.threads);
  const range = { start: cell(cells.start), end: cell(cells.end) };
  const feature = cell(cells.divisor);
  if (feature !== isSearch) return { threads, task: { kind: 'divide', range, feature } };
  const parent = cell(cells.parent);
  const equalHessian = number(2);
  return {
    threads,
    task: {
      kind: 'search',
      byRows: cell(cells.byRows) === 1,
      rounding: {
        gradientUnit: number(0),
        hessianUnit: number(1),
        equalHessian: Number.isNaN(equalHessian) ? null : equalHessian,
        countBits: cell(cells.countBits),
      },
      search: {
        range,
        counted: cell(cells.histogram),
        features: list(0, cell(cells.features)),
        parent: parent === -1 ? null : parent,
        finds: bests.slice(0, cell(cells.finds)).map((best, place) => ({
          histogram: cell(cells.find + place * 2),
          totals: totalsOf(place),
          among: list(place + 1, cell(cells.find + place * 2 + 1)),
          best,
        })),
      },
    },
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
