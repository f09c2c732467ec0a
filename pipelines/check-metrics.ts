import type { Pipeline } from '../contracts/pipeline.ts';
import { betterOf, metricNames } from '../ml/metrics/registry.ts';
import { classesOf } from './classes.ts';
import { type Fault, unknownName } from './fault.ts';

/** Names of metrics in the threshold, the scores, the selection and the gate; parameters that the gate names. */
export function checkMetrics(pipeline: Pipeline): Fault[] {
  const metrics = metricNames(pipeline.task);
  const scores = 'scores' in pipeline ? pipeline.scores : {};
  const known = [...metrics, ...Object.keys(scores)];
  const { gate, selection } = pipeline;
  const faults = [
    ...unknownName(['selection', 'metric'], 'metric', selection.metric, known),
    ...(selection.tieBreak === undefined
      ? []
      : unknownName(['selection', 'tieBreak', 'by'], 'metric', selection.tieBreak.by, known)),
    // A score by the name of an error would be taken for lower-is-better, one by the name of a metric would hide it.
    ...Object.keys(scores).flatMap((score) =>
      betterOf.has(score)
        ? [{ path: ['scores', score], message: `"${score}" is the name of a metric; choose another` }]
        : [],
    ),
    ...Object.entries(scores).flatMap(([score, weights]) =>
      Object.keys(weights).flatMap((metric) =>
        unknownName(['scores', score, metric], 'metric', metric, metrics),
      ),
    ),
  ];
  const threshold = 'threshold' in pipeline ? pipeline.threshold : undefined;
  if (threshold !== undefined && 'maximise' in threshold)
    faults.push(...unknownName(['threshold', 'maximise'], 'metric', threshold.maximise, known));
  if (threshold !== undefined && 'fixed' in threshold)
    for (const name of Object.keys(threshold.costs ?? {}))
      faults.push(...unknownName(['threshold', 'costs', name], 'class', name, classesOf(pipeline) ?? []));
  if (gate.beatBaselineOn !== undefined)
    faults.push(...unknownName(['gate', 'beatBaselineOn'], 'metric', gate.beatBaselineOn, known));
  if (gate.compare !== undefined)
    faults.push(...unknownName(['gate', 'compare', 'metric'], 'metric', gate.compare.metric, known));

  faults.push(...checkContinuity(pipeline));

  gate.bars.forEach((bar, i) => {
    const path = ['gate', 'bars', i];
    faults.push(...unknownName([...path, 'metric'], 'metric', bar.metric, known));
    if (bar.min === undefined && bar.max === undefined)
      faults.push({ path, message: 'needs a min or a max' });
    for (const side of ['min', 'max'] as const) {
      const bound = bar[side];
      if (typeof bound === 'object')
        faults.push(...checkBound(pipeline, [...path, side, 'parameter'], bound.parameter));
    }
  });
  return faults;
}

/** Clusters are matched with production's, all else is compared with it. */
function checkContinuity(pipeline: Pipeline): Fault[] {
  const { compare, continuity } = pipeline.gate;
  if (pipeline.task === 'clustering' && compare !== undefined)
    return [
      { path: ['gate', 'compare'], message: 'clusters have no hold-out to be compared on; use continuity' },
    ];
  if (continuity === undefined) return [];
  const path = ['gate', 'continuity'];
  if (pipeline.task !== 'clustering')
    return [{ path, message: `a ${pipeline.task} task has no clusters that could go on` }];
  const bound = continuity.minAgreement;
  return typeof bound === 'object'
    ? checkBound(pipeline, [...path, 'minAgreement', 'parameter'], bound.parameter)
    : [];
}

function checkBound({ parameters }: Pipeline, path: Fault['path'], name: string): Fault[] {
  const type = parameters[name]?.type;
  if (type === undefined) return unknownName(path, 'parameter', name, Object.keys(parameters));
  if (type === 'number' || type === 'integer') return [];
  return [{ path, message: `parameter "${name}" is a ${type}, needed: number` }];
}
