import { containerFormat } from '../ml/artifact/container.ts';
import type { Artifact } from '../ml/artifact.ts';
import type { DecisionRule } from '../ml/decision.ts';
import { baseline } from '../ml/learners/baseline.ts';
import { fitToEnd } from '../ml/learners/registry.ts';
import { createScorer } from '../ml/scorer.ts';
import type { Fitted } from './fit-model.ts';
import { rowInstance } from './frame-rows.ts';
import type { LabelledRows } from './read-rows.ts';
import type { TrainCandidateInput } from './tasks.ts';

const goldenRowCount = 16;

/** The model as it is stored and served, with rows whose scores a replica must reproduce before it serves it. */
export function assembleModel(
  parts: Pick<TrainCandidateInput, 'pipeline' | 'recipe' | 'candidate' | 'moment'> &
    Pick<Artifact, 'classes' | 'range' | 'choice'> & {
      rule: DecisionRule;
      rows: LabelledRows;
      fitted: Fitted;
    },
): Artifact {
  const { pipeline, recipe, candidate, moment, classes, rule, range, choice, rows, fitted } = parts;
  const { frame, target, lookups } = rows;
  const naive = fitToEnd(baseline, {
    task: pipeline.task,
    blocks: { rows: frame.rows, ...noColumns },
    target,
    classes: classes?.length ?? 0,
    seed: 0,
  });
  const artifact: Artifact = {
    format: containerFormat,
    task: pipeline.task,
    classes,
    ...rule,
    range,
    moment,
    asOf: rows.asOf,
    choice,
    recipe: fitted.recipe,
    lookups,
    learner: { name: candidate.learner, head: fitted.model.head },
    sections: fitted.model.sections,
    baseline: naive.head,
    goldenRows: [],
  };
  const scorer = createScorer(artifact);
  const goldenCount = Math.min(goldenRowCount, frame.rows);
  const instances = Array.from({ length: goldenCount }, (_, i) =>
    // Spread over the rows: the first ones may be alike, being ordered by key.
    rowInstance(frame, recipe.inputs, Math.floor((i * frame.rows) / goldenCount)),
  );
  const scores = scorer.scoreInstances(instances);
  const goldenRows = instances.map((instance, i) => ({
    instance,
    score: [...scores.subarray(i * scorer.outputs, (i + 1) * scorer.outputs)],
  }));
  return { ...artifact, goldenRows };
}

const noColumns = {
  dense: { names: [], values: new Float64Array() },
  codes: { names: [], levels: [], values: new Int32Array() },
  sparse: { names: [], offsets: new Int32Array(1), indices: new Int32Array(), values: new Float64Array() },
};
