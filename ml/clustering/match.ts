import { adjustedRandIndex, contingency, type Labelings } from './agreement.ts';
import { assignLeastCost } from './assignment.ts';

/** A new version's clusters held against those of the version in production, over the same rows. */
export type ClusterMatch = {
  rows: number;
  /** Adjusted Rand index. */
  agreement: number;
  /** Rows whose new cluster is not the one that was matched to their old one. */
  moved: number;
  /** Of each cluster of the new version, the one of production that shares most rows with it, each taken once. */
  segments: {
    segment: number;
    name: string;
    rows: number;
    production: { segment: number; name: string } | null;
    /** Of its rows, those that were in the matched cluster before. */
    stayed: number;
  }[];
};

/**
 * Matches clusters one to one so that as many rows as possible stay where they were.
 * @param names of the new version's clusters (`ours`) and of production's (`theirs`), by their numbers
 */
export function matchLabels(
  labels: Labelings,
  names: { ours: readonly string[]; theirs: readonly string[] },
): ClusterMatch {
  const { cells, rows: found, columns } = contingency(labels);
  const assigned = assignLeastCost(
    cells.map((count) => -count),
    { rows: found, columns },
  );
  const segments = names.ours.map((name, segment) => {
    const production = assigned[segment] ?? -1;
    const own = cells.subarray(segment * columns, (segment + 1) * columns);
    return {
      segment,
      name,
      rows: segment < found ? own.reduce((sum, count) => sum + count, 0) : 0,
      production:
        production < 0
          ? null
          : { segment: production, name: names.theirs[production] ?? `Segment ${production + 1}` },
      stayed: production < 0 ? 0 : (own[production] as number),
    };
  });
  const stayed = segments.reduce((sum, segment) => sum + segment.stayed, 0);
  const rows = labels.ours.length;
  return { rows, agreement: adjustedRandIndex(labels), moved: rows - stayed, segments };
}
