import type { ClusterChoice } from './choice.ts';
import type { Projection } from './projection.ts';
import type { Averages } from './segments.ts';

/** What a reader is told of the clusters of a model. */
export type ClusterReport = {
  rows: number;
  averages: Averages;
  segments: {
    segment: number;
    name: string;
    rows: number;
    share: number;
    /** Mean silhouette of its rows, of those of the sample where there are many. */
    silhouette: number | null;
    averages: Averages;
  }[];
  /** The metrics of other numbers of clusters (`clusters`) beside the model's own, on at most so many rows. */
  byClusters: { rows: number; figures: Readonly<Record<string, number>>[] };
  /** By what their number was chosen; null where it was fixed. */
  choice: ClusterChoice | null;
  /** The rows seen along their two directions of most variance; a sample where there are many. */
  projection: Pick<Projection, 'components' | 'explained'> & {
    columns: string[];
    points: { x: number; y: number; segment: number }[];
  };
};
