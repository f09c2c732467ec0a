import { awaitChange, waitFor } from './crew.ts';
import {
  type CrewJob,
  cells,
  dismissed,
  givenCell,
  leftRowsCell,
  listeningCell,
  partOf,
  readTask,
  writeSplit,
} from './crew-board.ts';
import { createKernel } from './kernel.ts';
import { searchNode } from './node-search.ts';
import { createPackedDerivatives } from './packed-derivatives.ts';
import { createPackedHistograms } from './packed-histogram.ts';
import { createKernelPartition } from './partition.ts';
import { createFeatureScan, createSplit } from './splitting.ts';

class Dismissed extends Error {}

/** A helper's part in the growing of trees, in its own thread; blocks it until the crew is dismissed. */
export function assist(job: CrewJob, helper: number): void {
  const { board } = job;
  const given = givenCell(helper);
  const perform = createPerformer(job, helper);
  Atomics.compareExchange(board, listeningCell(helper), 0, 1);
  try {
    for (let seen = 0; ; ) {
      seen = awaitChange(board, given, seen);
      if (seen === dismissed) return;
      perform();
      Atomics.add(board, cells.finished, 1);
      Atomics.notify(board, cells.finished);
    }
  } catch (error) {
    if (error instanceof Dismissed) return;
    Atomics.store(board, cells.failed, 1);
    // Nobody is to wait for a thread that is no more.
    for (const cell of [cells.counted, cells.finished]) {
      Atomics.add(board, cell, 1);
      Atomics.notify(board, cell);
    }
    throw error;
  }
}

/** Performs the task that stands on the board. */
function createPerformer(job: CrewJob, helper: number): () => void {
  const { board, memory, grower, lists, packed, rules } = job;
  const kernel = createKernel(memory);
  const scratch = job.scratch[helper];
  if (kernel === null || scratch === undefined) throw new Error(`no kernel or no room for helper ${helper}`);
  const histograms = createPackedHistograms(kernel, grower, packed, scratch);
  const derivatives = createPackedDerivatives(kernel, grower, packed);
  const partition = createKernelPartition(kernel, grower.binned, lists);
  const searcher = { histograms, scan: createFeatureScan(grower.binning, rules) };
  const bests = [createSplit(), createSplit()];
  const index = helper + 1;

  return () => {
    const { task, threads: of } = readTask(job, bests);
    if (task.kind === 'measure' || task.kind === 'pack') {
      derivatives.perform(task, { index, of });
      if (task.kind === 'pack') histograms.use(task.rounding);
      return;
    }
    if (task.kind === 'divide') {
      const { start, middle } = partition.divide(partOf(task.range, { index, of }), task.feature);
      board[leftRowsCell(helper)] = middle - start;
      return;
    }
    const awaitCounts = (): void => {
      Atomics.add(board, cells.counted, 1);
      Atomics.notify(board, cells.counted);
      waitFor(board, cells.counted, of, () => {
        // The fit was stopped while its own thread counted.
        if (Atomics.load(board, givenCell(helper)) === dismissed) throw new Dismissed();
      });
    };
    searchNode(task.search, searcher, { index, of, awaitCounts: task.byRows ? awaitCounts : null });
    task.search.finds.forEach(({ best }, place) => {
      writeSplit(job, { helper, place }, best);
    });
  };
}
