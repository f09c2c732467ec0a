import { z } from 'zod';
import { findLearner } from '../ml/learners/registry.ts';
import type { TaskContext } from './context.ts';
import { refuseForGood } from './errors.ts';
import { evaluateRows } from './metric-values.ts';
import { readModel, scoreHoldOut } from './score-hold-out.ts';
import type { EvaluateCandidateInput, EvaluateCandidateOutput } from './tasks.ts';

const baselineHeadSchema = z.object({ outputs: z.array(z.number()).min(1) });

/** Scores the champion, and the variants beside it, on the hold-out, which nothing else of the run reads. */
export async function evaluateCandidate(
  input: EvaluateCandidateInput,
  context: TaskContext,
): Promise<EvaluateCandidateOutput> {
  const { pipeline, rows } = input;
  const champion = await readModel(context, input.champion);
  const scored = await scoreHoldOut({ artifact: champion, pipeline, rows }, context);
  const { metrics, detail } = refuseForGood(champion.learner.name, () => evaluateRows(scored));
  const { outputs } = baselineHeadSchema.parse(champion.baseline);
  const naive = Float64Array.from(
    { length: scored.target.length * outputs.length },
    (_, i) => outputs[i % outputs.length] as number,
  );
  const baseline = evaluateRows({ ...scored, predicted: naive }).metrics;

  const variants: EvaluateCandidateOutput['variants'] = [];
  for (const [index, { variant, artifact: blob }] of input.variants.entries()) {
    context.report((index + 1) / (input.variants.length + 1), `variant ${variant}`);
    const artifact = await readModel(context, blob);
    const earlier = await scoreHoldOut({ artifact, pipeline, rows }, context);
    variants.push({
      variant,
      moment: artifact.moment,
      metrics: refuseForGood(artifact.learner.name, () => evaluateRows(earlier).metrics),
    });
  }

  const importances = findLearner(champion.learner.name)
    .importances({ head: champion.learner.head, sections: champion.sections })
    .toSorted((a, b) => b.importance - a.importance);
  return { metrics, baseline, variants, detail, importances };
}
