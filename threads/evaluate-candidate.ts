import { z } from 'zod';
import { findLearner } from '../ml/learners/registry.ts';
import { metricIntervals } from '../ml/metrics/intervals.ts';
import type { TaskContext } from './context.ts';
import { refuseForGood } from './errors.ts';
import { evaluateRows, evaluationDetail, measureRows } from './metric-values.ts';
import { readModel, scoreHoldOut } from './score-hold-out.ts';
import type { EvaluateCandidateInput, EvaluateCandidateOutput } from './tasks.ts';

/** Of the work, about. */
const intervalsShare = 0.5;
const reportEvery = 200;
/** A vocabulary has a hundred thousand terms, and no reader. */
const maxImportances = 1000;

const baselineHeadSchema = z.object({ outputs: z.array(z.number()).min(1) });

/** Scores the champion, and the variants beside it, on the hold-out, which nothing else of the run reads. */
export async function evaluateCandidate(
  input: EvaluateCandidateInput,
  context: TaskContext,
): Promise<EvaluateCandidateOutput> {
  const { pipeline, rows } = input;
  const champion = await readModel(context, input.champion);
  const scored = await scoreHoldOut({ artifact: champion, pipeline, rows }, context);
  const { metrics, detail } = refuseForGood(champion.learner.name, () => ({
    metrics: evaluateRows(scored),
    detail: evaluationDetail(scored),
  }));
  const { outputs } = baselineHeadSchema.parse(champion.baseline);
  const naive = Float64Array.from(
    { length: scored.target.length * outputs.length },
    (_, i) => outputs[i % outputs.length] as number,
  );
  const naively = { ...scored, predicted: naive };
  const intervals = metricIntervals({
    rows: scored.target.length,
    seed: input.seed,
    measure: measureRows(scored),
    baseline: measureRows(naively),
    onResample: (done, of) => {
      context.throwIfCancelled();
      if (done % reportEvery === 0) context.report((intervalsShare * done) / of, `resample ${done} of ${of}`);
    },
  });

  const variants: EvaluateCandidateOutput['variants'] = [];
  for (const [index, { variant, artifact: blob }] of input.variants.entries()) {
    const rest = (index + 1) / (input.variants.length + 1);
    context.report(intervalsShare + (1 - intervalsShare) * rest, `variant ${variant}`);
    const artifact = await readModel(context, blob);
    const earlier = await scoreHoldOut({ artifact, pipeline, rows }, context);
    variants.push({
      variant,
      moment: artifact.moment,
      metrics: refuseForGood(artifact.learner.name, () => evaluateRows(earlier)),
    });
  }

  const importances = findLearner(champion.learner.name)
    .importances({ head: champion.learner.head, sections: champion.sections })
    .toSorted((a, b) => b.importance - a.importance)
    .slice(0, maxImportances);
  return { metrics, baseline: evaluateRows(naively), intervals, variants, detail, importances };
}
