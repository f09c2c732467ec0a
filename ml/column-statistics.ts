import type { Column, Frame } from './frame.ts';
import { countLevels, meanAndDeviation, quantiles, range } from './recipe/encode/statistics.ts';

/** What a column held when a model was trained, so that later rows can be told to be of another kind. */
export type ColumnStatistics =
  | {
      name: string;
      kind: 'number' | 'timestamp';
      missing: number;
      /** Null where nothing was observed. */
      mean: number | null;
      deviation: number | null;
      min: number | null;
      max: number | null;
      /** `counts[i]` observed values lie in [edges[i − 1], edges[i]); the first and last bin are open. */
      bins: { edges: number[]; counts: number[] };
    }
  | {
      name: string;
      kind: 'category';
      missing: number;
      /** The most frequent first. */
      levels: { level: string; count: number }[];
      /** Of levels that are not listed. */
      others: { levels: number; count: number };
    }
  | { name: string; kind: 'text'; missing: number; meanCharacters: number | null };

const maxLevels = 100;
const deciles = Array.from({ length: 9 }, (_, i) => (i + 1) / 10);

export const columnStatistics = ({ columns }: Frame): ColumnStatistics[] =>
  [...columns].map(([name, column]) => describe(name, column));

function describe(name: string, column: Column): ColumnStatistics {
  switch (column.kind) {
    case 'number':
    case 'timestamp':
      return ofNumbers({ name, kind: column.kind, values: column.values });
    case 'category':
      return ofCategory(name, column);
    case 'text': {
      const lengths = column.values.flatMap((value) => (value === null ? [] : [value.length]));
      const missing = column.values.length - lengths.length;
      const meanCharacters = meanAndDeviation(Float64Array.from(lengths))?.mean ?? null;
      return { name, kind: 'text', missing, meanCharacters };
    }
    default:
      return column satisfies never;
  }
}

function ofNumbers(column: {
  name: string;
  kind: 'number' | 'timestamp';
  values: Float64Array;
}): ColumnStatistics {
  const { name, kind, values } = column;
  const moments = meanAndDeviation(values);
  const bounds = range(values);
  const edges = [...new Set(quantiles(values, deciles) ?? [])];
  const counts = new Array<number>(edges.length + 1).fill(0);
  let missing = 0;
  for (const value of values) {
    if (Number.isNaN(value)) {
      missing += 1;
      continue;
    }
    let bin = 0;
    while (bin < edges.length && value >= (edges[bin] as number)) bin += 1;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return {
    name,
    kind,
    missing,
    mean: moments?.mean ?? null,
    deviation: moments?.deviation ?? null,
    min: bounds?.min ?? null,
    max: bounds?.max ?? null,
    bins: { edges, counts },
  };
}

function ofCategory(name: string, column: Extract<Column, { kind: 'category' }>): ColumnStatistics {
  const counts = [...countLevels(column)].sort(
    ([left, leftCount], [right, rightCount]) => rightCount - leftCount || (left < right ? -1 : 1),
  );
  const others = counts.slice(maxLevels);
  const observed = counts.reduce((sum, [, count]) => sum + count, 0);
  return {
    name,
    kind: 'category',
    missing: column.codes.length - observed,
    levels: counts.slice(0, maxLevels).map(([level, count]) => ({ level, count })),
    others: { levels: others.length, count: others.reduce((sum, [, count]) => sum + count, 0) },
  };
}
