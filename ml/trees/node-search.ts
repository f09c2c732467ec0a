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

/** A run of the features: each thread that takes part counts and scans its own, so none waits for another's sums. */
export type FeatureShare = { index: number; of: number };

export function searchNode(
  { range, counted, features, parent, finds }: NodeSearch,
  { histograms, scan }: Searcher,
  { index, of }: FeatureShare,
): void {
  const from = Math.floor((features.length * index) / of);
  const to = Math.floor((features.length * (index + 1)) / of);
  for (const { best } of finds) {
    best.gain = 0;
    best.feature = -1;
  }
  if (from === to) return;
  const own = of === 1 ? features : features.subarray(from, to);
  histograms.count(counted, range, own);
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
