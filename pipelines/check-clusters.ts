import type { Pipeline } from '../contracts/pipeline.ts';
import { recipeOf } from '../ml/recipe/declare.ts';
import { clusterParameters, InvalidClusters, resolveClusters } from './cluster-counts.ts';
import { type Fault, unknownName } from './fault.ts';

/** The numbers of clusters, and the columns that segments are named by. */
export function checkClusters(pipeline: Pipeline): Fault[] {
  if (pipeline.task !== 'clustering') return [];
  return [...checkCounts(pipeline), ...checkNames(pipeline)];
}

type Clustering = Extract<Pipeline, { task: 'clustering' }>;

function checkCounts({ clusters, parameters }: Clustering): Fault[] {
  const faults = Object.entries(clusters).flatMap(([key, count]): Fault[] => {
    if (typeof count !== 'object') return [];
    const path = ['clusters', key, 'parameter'];
    const type = parameters[count.parameter]?.type;
    if (type === undefined) return unknownName(path, 'parameter', count.parameter, Object.keys(parameters));
    return type === 'integer'
      ? []
      : [{ path, message: `parameter "${count.parameter}" is a ${type}, needed: integer` }];
  });
  // Of parameters, `checkParameters` tries the defaults.
  if (clusterParameters(clusters).length > 0) return faults;
  try {
    resolveClusters(clusters, {});
    return [];
  } catch (error) {
    if (!(error instanceof InvalidClusters)) throw error;
    return [{ path: ['clusters'], message: error.message }];
  }
}

function checkNames(pipeline: Clustering): Fault[] {
  const numbers = recipeOf(pipeline, []).inputs.flatMap(({ name, kind }) =>
    kind === 'number' ? [name] : [],
  );
  return pipeline.segmentNames.flatMap(({ when }, place) =>
    Object.keys(when).flatMap((column) =>
      unknownName(['segmentNames', place, 'when', column], 'number that features read', column, numbers),
    ),
  );
}
