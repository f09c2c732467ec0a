import { z } from 'zod';
import type { BlobRef } from '../contracts/data.ts';
import type { Artifact } from '../ml/artifact.ts';
import { findLearner } from '../ml/learners/registry.ts';
import { createScorer } from '../ml/scorer.ts';
import type { TaskContext } from './context.ts';
import { refuseForGood } from './errors.ts';
import { evaluateRows } from './metric-values.ts';
import { loadModel } from './model-bytes.ts';
import { readRows } from './read-rows.ts';
import type { EvaluateCandidateInput, EvaluateCandidateOutput } from './tasks.ts';

const baselineHeadSchema = z.object({ outputs: z.array(z.number()).min(1) });

/** Scores the champion, and the variants beside it, on the hold-out, which nothing else of the run reads. */
export async function evaluateCandidate(
  input: EvaluateCandidateInput,
  context: TaskContext,
): Promise<EvaluateCandidateOutput> {
  const { pipeline } = input;
  const load = async ({ sha256 }: BlobRef): Promise<Artifact> => loadModel(await context.store.read(sha256));
  const scoreHoldOut = async (artifact: Artifact) => {
    context.throwIfCancelled();
    const { frame, target } = await context.inDuckDb((signal) =>
      readRows({
        store: context.store,
        rows: input.rows,
        pipeline,
        recipe: artifact.recipe,
        split: 'hold-out',
        signal,
      }),
    );
    const predicted = refuseForGood(artifact.learner.name, () => createScorer(artifact).scoreFrame(frame));
    return { target, predicted };
  };

  const champion = await load(input.champion);
  const { threshold } = champion;
  const { target, predicted } = await scoreHoldOut(champion);
  const { metrics, detail } = refuseForGood(champion.learner.name, () =>
    evaluateRows({ pipeline, target, predicted, threshold }),
  );
  const { outputs } = baselineHeadSchema.parse(champion.baseline);
  const naive = Float64Array.from(
    { length: target.length * outputs.length },
    (_, i) => outputs[i % outputs.length] as number,
  );
  const baseline = evaluateRows({ pipeline, target, predicted: naive, threshold }).metrics;

  const variants: EvaluateCandidateOutput['variants'] = [];
  for (const [index, { variant, artifact: blob }] of input.variants.entries()) {
    context.report((index + 1) / (input.variants.length + 1), `variant ${variant}`);
    const artifact = await load(blob);
    const scored = await scoreHoldOut(artifact);
    variants.push({
      variant,
      moment: artifact.moment,
      metrics: refuseForGood(
        artifact.learner.name,
        () => evaluateRows({ pipeline, ...scored, threshold: artifact.threshold }).metrics,
      ),
    });
  }

  const importances = findLearner(champion.learner.name)
    .importances({ head: champion.learner.head, sections: champion.sections })
    .toSorted((a, b) => b.importance - a.importance);
  return { metrics, baseline, variants, detail, importances };
}
