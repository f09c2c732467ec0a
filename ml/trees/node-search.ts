import { type Part, partOf } from './crew-board.ts';
import type { Histograms, RowRange } from './histogram.ts';
import type { FeatureScan, NodeTotals, Split } from './splitting.ts';

/** Asks for the best splits of a new node, or of two siblings whose parent's histogram is at hand. */
export type NodeSearch = {
  /** The rows to count, the histogram to count them in, and the features, ascending. */
  range: RowRange;
  counted: number;
  features: Int32Array;
  /** The histogram that the counted one is taken from, to be the sibling's; null where there is none. */
  parent: number | null;
  /** Two at most. */
  finds: readonly Find[];
};

/** Fills `best` with the best split of a node on the features of `among`, which are some of those counted. */
export type Find = { histogram: number; totals: NodeTotals; among: Int32Array; best: Split };

export type Searcher = { histograms: Histograms; scan: FeatureScan };

/**
 * What a thread does of a search. It scans a run of the features. With `awaitCounts`, which returns once every thread
 * has called it, it counts a run of the rows before, and adds up all threads' counts of its features; without, it
 * counts its features in all rows, which spares the waiting and the adding.
 */
export type SearchPart = Part & { awaitCounts: (() => void) | null };

/** The part of a thread that has no helpers. */
export const alone: SearchPart = { index: 0, of: 1, awaitCounts: null };

export function searchNode(search: NodeSearch, { histograms, scan }: Searcher, part: SearchPart): void {
  const { range, counted, features, parent, finds } = search;
  const { index, of, awaitCounts } = part;
  for (const { best } of finds) {
    best.gain = 0;
    best.feature = -1;
  }
  const { start: from, end: to } = partOf({ start: 0, end: features.length }, part);
  const own = of === 1 ? features : features.subarray(from, to);
  if (awaitCounts !== null) {
    histograms.count(index === 0 ? counted : histograms.spare(index), partOf(range, part), features);
    awaitCounts();
  }
  if (own.length === 0) return;
  if (awaitCounts === null) histograms.count(counted, range, own);
  else for (let other = 1; other < of; other++) histograms.add(counted, histograms.spare(other), own);
  if (parent !== null) histograms.subtract(parent, counted, own);
  const first = features[from] as number;
  const last = features[to - 1] as number;
  for (const { histogram, totals, among, best } of finds) {
    for (let k = 0; k < among.length; k++) {
      const feature = among[k] as number;
      if (feature < first || feature > last) continue;
      scan(feature, histograms.read(histogram, feature), totals, best);
    }
  }
}
