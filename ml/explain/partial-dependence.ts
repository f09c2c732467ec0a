import type { Artifact } from '../artifact.ts';
import type { Blocks } from '../blocks.ts';
import type { CategoryColumn, Column, Frame, NumberColumn } from '../frame.ts';
import { findLearner } from '../learners/registry.ts';
import { holdToRange } from '../range.ts';
import { createEncoding } from '../recipe/recipe.ts';

/** The mean prediction where all rows have this value of the feature; null stands for missing. */
export type DependencePoint = { value: number | string | null; rows: number; prediction: number };
export type PartialDependence = { feature: string; points: readonly DependencePoint[] };

const maxPoints = 12;

/**
 * Friedman (2001): the mean prediction of the rows with one feature set to each value of a grid. Numbers: their values,
 * or quantiles from 2.5 % to 97.5 % of many; categories: the most frequent levels. Missing is a point of its own where
 * it occurs. `rows` of a point: those that have its value, of a quantile those nearest to it.
 *
 * @param features as `featureFrame` gives them
 */
export function* partialDependence(options: {
  artifact: Artifact;
  features: Frame;
  names: readonly string[];
}): Generator<void, PartialDependence[], void> {
  const { artifact, features, names } = options;
  const encode = createEncoding(artifact.recipe);
  const predictor = findLearner(artifact.learner.name).load({
    head: artifact.learner.head,
    sections: artifact.sections,
  });
  const meanOf = (blocks: Blocks): number => {
    const predicted = holdToRange(predictor.predict(blocks), artifact.range);
    return predicted.reduce((sum, value) => sum + value, 0) / predicted.length;
  };
  const dependences: PartialDependence[] = [];
  for (const feature of names) {
    const column = features.columns.get(feature);
    if (column?.kind !== 'number' && column?.kind !== 'category') continue;
    const points: DependencePoint[] = [];
    for (const { value, rows, filled } of column.kind === 'number' ? numberGrid(column) : levelGrid(column)) {
      const columns = new Map(features.columns).set(feature, filled);
      points.push({ value, rows, prediction: meanOf(encode({ rows: features.rows, columns })) });
      yield;
    }
    dependences.push({ feature, points });
  }
  return dependences;
}

type GridPoint = { value: number | string | null; rows: number; filled: Column };

function numberGrid({ values }: NumberColumn): GridPoint[] {
  const sorted = values.filter((value) => Number.isFinite(value)).sort();
  const distinct = [...new Set(sorted)];
  const quantile = (share: number) => sorted[Math.round(share * (sorted.length - 1))] as number;
  const grid =
    distinct.length <= maxPoints
      ? distinct
      : [
          ...new Set(
            Array.from({ length: maxPoints }, (_, i) => quantile(0.025 + (0.95 * i) / (maxPoints - 1))),
          ),
        ];
  const counts = grid.map(() => 0);
  for (const value of sorted) {
    const nearest = grid.reduce(
      (best, point, i) => (Math.abs(point - value) < Math.abs((grid[best] as number) - value) ? i : best),
      0,
    );
    counts[nearest] = (counts[nearest] ?? 0) + 1;
  }
  const points: GridPoint[] = grid.map((value, i) => ({
    value,
    rows: counts[i] ?? 0,
    filled: { kind: 'number', values: new Float64Array(values.length).fill(value) },
  }));
  const missing = values.length - sorted.length;
  if (missing > 0) {
    const filled: Column = { kind: 'number', values: new Float64Array(values.length).fill(Number.NaN) };
    points.push({ value: null, rows: missing, filled });
  }
  return points;
}

function levelGrid({ codes, levels }: CategoryColumn): GridPoint[] {
  const counts = new Map<number, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, maxPoints)
    .map(([code, rows]) => ({
      value: code < 0 ? null : (levels[code] ?? null),
      rows,
      filled: { kind: 'category', codes: new Int32Array(codes.length).fill(code), levels },
    }));
}
