import { mean } from '../ml/sample.ts';
import { pairedDifference, shownPaired, signed } from './paired.ts';
import type { PeerFit } from './same-rows.ts';
import type { TrainedCandidate } from './train-split.ts';

/** One learner, ours or a peer's, on one split. */
export type Fit = PeerFit | TrainedCandidate;
export type SplitFits = { champion: Fit | undefined; ours: readonly Fit[]; peers: readonly Fit[] };

/**
 * A table in Markdown: of our champion, our candidates and the peers the mean of each metric over the splits, how far
 * the champion is ahead (paired, with the standard error), and the time of one fit.
 */
export function reportSplits(
  splits: readonly SplitFits[],
  {
    heading,
    metrics,
    metricOf = (fit, metric) => fit.metrics[metric],
  }: {
    heading: string;
    metrics: readonly string[];
    metricOf?: (fit: Fit, metric: string) => number | undefined;
  },
): string {
  const champions = splits.map(({ champion }) => champion);
  const of = (fits: readonly (Fit | undefined)[], metric: string) =>
    fits.map((fit) => (fit === undefined ? undefined : metricOf(fit, metric)) ?? Number.NaN);
  const seconds = (fits: readonly (Fit | undefined)[]) =>
    mean(fits.map((fit) => fit?.fitSeconds ?? Number.NaN));
  const row = (label: string, fits: readonly (Fit | undefined)[]) => [
    label,
    ...metrics.flatMap((metric) => [
      mean(of(fits, metric)).toFixed(4),
      fits === champions ? '' : ahead(of(champions, metric), of(fits, metric)),
    ]),
    seconds(fits).toFixed(3),
    (seconds(fits) / seconds(champions)).toFixed(2),
  ];
  const named = (side: 'ours' | 'peers') =>
    [...new Set(splits.flatMap((split) => split[side].map(({ name }) => name)))].map((name) =>
      row(
        side === 'ours' ? name : `${name} (peer)`,
        splits.map((split) => split[side].find((fit) => fit.name === name)),
      ),
    );
  const headings = ['', ...metrics.flatMap((metric) => [metric, 'champion ahead']), 'fit, s', '× champion’s'];
  const lines = [
    headings,
    headings.map(() => '---'),
    row('our champion', champions),
    ...named('ours'),
    ...named('peers'),
  ].map((cells) => `| ${cells.join(' | ')} |`);
  return [`\n${heading}\n`, ...lines].join('\n');
}

/** In the metric's own direction: of an error, less is ahead and shown as a negative number. */
function ahead(champion: readonly number[], other: readonly number[]): string {
  if (champion.length < 2) return signed(mean(champion) - mean(other));
  return shownPaired(pairedDifference(champion, other));
}
