import { z } from 'zod';
import { assignToCentres } from '../clustering/centres.ts';
import { fitKMeans } from '../clustering/k-means.ts';
import { pointsOf } from '../clustering/points.ts';
import { NotExplainable } from '../explain/explainer.ts';
import type { FittedModel, Learner } from '../learner.ts';
import { checkTrainingSet } from './training-rows.ts';

const paramsSchema = z.strictObject({
  /** Fits from other seeds, of which the one of least inertia is kept: scikit-learn's `n_init`. */
  restarts: z.int().min(1).max(1000).default(10),
  maxIterations: z.int().min(1).max(10_000).default(300),
});

const headSchema = z
  .strictObject({
    columns: z.array(z.string()).min(1),
    /** Of each cluster, in the space that the recipe makes; the biggest first. */
    centres: z.array(z.array(z.number())).min(1),
    /** Training rows of each cluster. */
    counts: z.array(z.int().positive()),
    inertia: z.number().nonnegative(),
  })
  .refine(
    ({ columns, centres, counts }) =>
      counts.length === centres.length && centres.every((centre) => centre.length === columns.length),
    { error: 'a centre needs a coordinate for each column, and a count' },
  );

/** Clusters around means; `classes` says how many. Scale the columns in the recipe: distances add them up as they are. */
export const kmeans: Learner<z.infer<typeof paramsSchema>> = {
  name: 'kmeans',
  tasks: ['clustering'],
  reads: ['dense'],
  params: paramsSchema,

  *fit(training, params) {
    checkTrainingSet(training);
    const { blocks, classes: clusters, seed } = training;
    if (!Number.isInteger(clusters) || clusters < 1)
      throw new RangeError(`${clusters} clusters cannot be found; at least 1 is needed`);
    const points = pointsOf(blocks);
    const { centres, counts, inertia } = yield* fitKMeans({ points, clusters, seed, ...params });
    const { width } = points;
    const head = {
      columns: [...blocks.dense.names],
      centres: Array.from(counts, (_, cluster) => [
        ...centres.subarray(cluster * width, (cluster + 1) * width),
      ]),
      counts: [...counts],
      inertia,
    };
    return { head, sections: {} };
  },

  load(model) {
    const { columns, centres } = headSchema.parse(model.head);
    const flat = Float64Array.from(centres.flat());
    return {
      predict(blocks) {
        const points = pointsOf(blocks);
        const differs = columns.findIndex((name, i) => blocks.dense.names[i] !== name);
        if (differs >= 0 || columns.length !== points.width)
          throw new RangeError(
            `the recipe made the columns ${blocks.dense.names.join(', ')}; the model was trained with ${columns.join(', ')}`,
          );
        return Float64Array.from(assignToCentres(points, flat).labels);
      },
    };
  },

  tensorForm(model) {
    const { columns, centres } = headSchema.parse(model.head);
    return { kind: 'nearestCentre', columns, centres };
  },

  explainer() {
    throw new NotExplainable('a segment is the nearest centre, which is no sum of what its features add');
  },

  importances: (model) => varianceBetween(model),
};

/** Of each column: the variance that the clusters' means have among themselves, rows counting equally. */
function varianceBetween(model: FittedModel): { feature: string; importance: number }[] {
  const { columns, centres, counts } = headSchema.parse(model.head);
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const weighted = (value: (cluster: number) => number) =>
    counts.reduce((sum, count, cluster) => sum + count * value(cluster), 0) / rows;
  return columns.map((feature, column) => {
    const at = (cluster: number) => centres[cluster]?.[column] ?? 0;
    const mean = weighted(at);
    return { feature, importance: weighted((cluster) => (at(cluster) - mean) ** 2) };
  });
}
