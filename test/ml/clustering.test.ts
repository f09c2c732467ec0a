import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adjustedRandIndex } from '../../ml/clustering/agreement.ts';
import { assignLeastCost } from '../../ml/clustering/assignment.ts';
import { matchLabels } from '../../ml/clustering/match.ts';
import type { Points } from '../../ml/clustering/points.ts';
import { fitProjection, project } from '../../ml/clustering/projection.ts';
import { clusterAverages, nameSegments, type SegmentNameRule } from '../../ml/clustering/segments.ts';
import { silhouettes } from '../../ml/clustering/silhouette.ts';
import { findLearner, fitToEnd } from '../../ml/learners/registry.ts';
import { measureClusters } from '../../ml/metrics/task-measure.ts';
import { rowsToFrame } from '../../ml/recipe/instances.ts';
import reference from './fixtures/clustering.json' with { type: 'json' };
import { blocksOf } from './learners-rows.ts';

const blocks = blocksOf(reference.points);
const points: Points = { values: blocks.dense.values, rows: blocks.rows, width: 3 };

function clusterRows({
  clusters,
  seed = 1,
  rows = blocks,
}: {
  clusters: number;
  seed?: number;
  rows?: typeof blocks;
}) {
  const learner = findLearner('kmeans');
  const training = {
    task: 'clustering' as const,
    blocks: rows,
    target: new Float64Array(),
    classes: clusters,
    seed,
  };
  const model = fitToEnd(learner, training, { restarts: 100 });
  return { model, labels: learner.load(model).predict(rows) };
}

const measured = (labels: readonly number[], clusters: number) =>
  measureClusters({ points, labels: Int32Array.from(labels), clusters, seed: 1 });

describe.each(reference.byClusters)('among $clusters clusters', (expected) => {
  const { clusters } = expected;

  it('k-means finds those of scikit-learn, the biggest first', () => {
    const { model, labels } = clusterRows({ clusters });
    expect([...labels]).toEqual(expected.labels);
    expect(model.head).toMatchObject({ inertia: expect.closeTo(expected.inertia, 9) });
    const { centres } = model.head as { centres: number[][] };
    expect(centres.flat()).toEqual(expected.centres.flat().map((value) => expect.closeTo(value, 9)));
  });

  it('measures agree with scikit-learn', () => {
    const { silhouette, calinskiHarabasz, daviesBouldin, inertia } = expected;
    expect(measured(expected.labels, clusters)).toEqual({
      clusters,
      silhouette: expect.closeTo(silhouette, 12),
      calinskiHarabasz: expect.closeTo(calinskiHarabasz, 9),
      daviesBouldin: expect.closeTo(daviesBouldin, 12),
      inertia: expect.closeTo(inertia, 9),
      smallestShare:
        expected.labels.filter((label) => label === clusters - 1).length / reference.points.length,
    });
    expect([...silhouettes(points, { labels: Int32Array.from(expected.labels), clusters })]).toEqual(
      expected.silhouettes.map((value) => expect.closeTo(value, 12)),
    );
  });
});

describe('k-means', () => {
  it('gives the same model for the same seed, and puts every row with its nearest centre', () => {
    expect(clusterRows({ clusters: 5, seed: 9 })).toEqual(clusterRows({ clusters: 5, seed: 9 }));
    const { model, labels } = clusterRows({ clusters: 5, seed: 9 });
    const { counts } = model.head as { counts: number[] };
    expect(counts.map((_, cluster) => labels.filter((label) => label === cluster).length)).toEqual(counts);
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
  });

  it('refuses more clusters than different points', () => {
    const few = blocksOf([[1], [1], [2], [2], [2]]);
    expect(() => clusterRows({ clusters: 3, rows: few })).toThrow(
      '3 clusters need as many different points; there are 2',
    );
    expect([...clusterRows({ clusters: 2, rows: few }).labels]).toEqual([1, 1, 0, 0, 0]);
  });

  it('refuses what is no number, and columns it was not trained with', () => {
    expect(() => clusterRows({ clusters: 2, rows: blocksOf([[1], [null], [3]]) })).toThrow(
      'column x0 is missing in row 1; clusters need an impute step in the recipe',
    );
    const { model } = clusterRows({ clusters: 2 });
    expect(() =>
      findLearner('kmeans')
        .load(model)
        .predict(blocksOf([[1]])),
    ).toThrow('the recipe made the columns x0; the model was trained with x0, x1, x2');
  });

  it('finds separate groups whatever the order of rows', () => {
    const groups = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 2 }), fc.double({ min: -1, max: 1, noNaN: true })),
      {
        minLength: 9,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(groups, (rows) => {
        fc.pre(new Set(rows.map(([group]) => group)).size === 3);
        const { labels } = clusterRows({
          clusters: 3,
          rows: blocksOf(rows.map(([group, near]) => [group * 100 + near])),
        });
        const ours = Int32Array.from(labels);
        expect(adjustedRandIndex({ ours, theirs: Int32Array.from(rows, ([group]) => group) })).toBe(1);
      }),
      { numRuns: 30 },
    );
  });
});

describe('metrics of clusters', () => {
  it('take a row alone in its cluster as scikit-learn does', () => {
    const { labels, silhouette, daviesBouldin } = reference.alone;
    expect(measured(labels, 5)).toMatchObject({
      silhouette: expect.closeTo(silhouette, 12),
      daviesBouldin: expect.closeTo(daviesBouldin, 12),
    });
  });

  it('are refused for one cluster, and for one without rows', () => {
    const one = reference.points.map(() => 0);
    expect(() => measured(one, 1)).toThrow('a silhouette needs rows in two clusters; there is 1');
    expect(() => measured(one, 2)).toThrow('cluster 1 has none of the 140 rows');
  });
});

describe('agreement of two clusterings', () => {
  it.each(reference.agreements)('agrees with scikit-learn: $expected', ({ ours, theirs, expected }) => {
    const labels = { ours: Int32Array.from(ours), theirs: Int32Array.from(theirs) };
    expect(adjustedRandIndex(labels)).toBeCloseTo(expected, 12);
    expect(adjustedRandIndex({ ours: labels.theirs, theirs: labels.ours })).toBeCloseTo(expected, 12);
  });
});

describe('assignment of least cost', () => {
  it.each(reference.assignments)(
    'of $rows × $columns costs as scipy’s: $least',
    ({ rows, columns, costs, least }) => {
      const assigned = assignLeastCost(Float64Array.from(costs), { rows, columns });
      const taken = [...assigned].filter((column) => column >= 0);
      expect(new Set(taken).size).toBe(Math.min(rows, columns));
      const total = [...assigned].reduce(
        (sum, column, row) => sum + (column < 0 ? 0 : (costs[row * columns + column] ?? Number.NaN)),
        0,
      );
      expect(total).toBe(least);
    },
  );
});

describe('projection', () => {
  it('onto principal components agrees with scikit-learn', () => {
    const { components, explained, projected } = reference.pca;
    const projection = fitProjection(points, 2);
    expect(projection.components.flat()).toEqual(components.flat().map((value) => expect.closeTo(value, 9)));
    expect(projection.explained).toEqual(explained.map((value) => expect.closeTo(value, 12)));
    expect([...project(points, projection)]).toEqual(
      projected.flat().map((value) => expect.closeTo(value, 9)),
    );
  });

  it('of one column keeps it', () => {
    const line: Points = { values: Float64Array.of(1, 2, 6), rows: 3, width: 1 };
    const projection = fitProjection(line, 2);
    expect(projection.explained).toEqual([1]);
    expect([...project(line, projection)]).toEqual([-2, -1, 3]);
  });
});

describe('names of segments', () => {
  const frame = rowsToFrame(
    [
      { spent: 1, visits: 1 },
      { spent: 2, visits: null },
      { spent: 9, visits: 4 },
      { spent: 12, visits: 4 },
    ],
    [
      { name: 'spent', kind: 'number' },
      { name: 'visits', kind: 'number' },
    ],
  );
  const averages = clusterAverages(frame, {
    columns: ['spent', 'visits'],
    labels: Int32Array.of(0, 0, 1, 2),
    clusters: 3,
  });

  it('go by averages, which leave missing values out', () => {
    expect(averages).toEqual({
      ofClusters: [
        { spent: 1.5, visits: 1 },
        { spent: 9, visits: 4 },
        { spent: 12, visits: 4 },
      ],
      ofAll: { spent: 6, visits: 3 },
    });
  });

  it('are those of the first rule that holds, and never the same twice', () => {
    const rules: SegmentNameRule[] = [
      { name: 'rich', when: { spent: { min: 1.5 }, visits: { min: 4 / 3 } } },
      { name: 'poor', when: { spent: { max: 0.25 } } },
    ];
    expect(nameSegments(rules, averages)).toEqual(['poor', 'rich', 'rich (2)']);
    expect(nameSegments(rules.slice(1), averages)).toEqual(['poor', 'Segment 2', 'Segment 3']);
  });

  it('fit no rule over an average that is not positive', () => {
    const none = { ofClusters: [{ spent: 1 }, { spent: null }], ofAll: { spent: 0 } };
    expect(nameSegments([{ name: 'rich', when: { spent: { min: 0 } } }], none)).toEqual([
      'Segment 1',
      'Segment 2',
    ]);
  });
});

describe('matching clusters', () => {
  it('lets as many rows stay as can, whatever the numbers of the clusters', () => {
    const ours = Int32Array.of(0, 0, 0, 1, 1, 2, 2, 2);
    const theirs = Int32Array.of(2, 2, 1, 1, 1, 0, 0, 1);
    const names = { ours: ['a', 'b', 'c'], theirs: ['x', 'y', 'z'] };
    const { rows, moved, segments } = matchLabels({ ours, theirs }, names);
    expect({ rows, moved }).toEqual({ rows: 8, moved: 2 });
    expect(segments).toEqual([
      { segment: 0, name: 'a', rows: 3, production: { segment: 2, name: 'z' }, stayed: 2 },
      { segment: 1, name: 'b', rows: 2, production: { segment: 1, name: 'y' }, stayed: 2 },
      { segment: 2, name: 'c', rows: 3, production: { segment: 0, name: 'x' }, stayed: 2 },
    ]);
  });

  it('leaves a new cluster without an old one where there are more', () => {
    const labels = { ours: Int32Array.of(0, 0, 1), theirs: Int32Array.of(0, 0, 0) };
    const { moved, segments } = matchLabels(labels, { ours: ['a', 'b'], theirs: ['x'] });
    expect(moved).toBe(1);
    expect(segments.map(({ production }) => production?.name ?? null)).toEqual(['x', null]);
  });
});
