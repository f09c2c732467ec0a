import { refreshStages } from '../contracts/collections.ts';
import type { RefreshActivities } from '../contracts/review-activities.ts';
import { allReviews } from '../contracts/source.ts';
import { endForgottenStages, recordStage } from '../db/queries/collection-stages.ts';
import { judgeLabels } from '../db/queries/due-retrainings.ts';
import { quarantineReviews, readOutdatedReviews, storeReviewScores } from '../db/queries/reviews.ts';
import { resolveParameters } from '../pipelines/parameters.ts';
import { reviewPipelines } from '../pipelines/review-pipelines.ts';
import { trainingPlan } from '../pipelines/training-plan.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { findPipeline } from './pipeline-of-run.ts';
import { createReviewScoring } from './review-scoring.ts';
import { readScoringPipeline } from './scoring-pipeline.ts';
import { createStep } from './step.ts';

type Input<A extends keyof RefreshActivities> = Parameters<RefreshActivities[A]>[0];

/** Of a run that nobody is there to choose it for. */
const seed = 7;
/** Of one activity: some seconds of work, each thousand of them a transaction. */
const partReviews = 5_000;
const reviewsAtOnce = 1_000;

export function createRefreshActivities(deps: ActivityDependencies): RefreshActivities {
  const { db, pipelines } = deps;
  const step = createStep(deps);
  const scoring = createReviewScoring(deps);
  return {
    beginRefresh: step('beginRefresh', ({ collection }: Input<'beginRefresh'>) =>
      endForgottenStages(db, { stages: refreshStages, except: collection }),
    ),

    recordStage: step('recordStage', (stage: Input<'recordStage'>) => recordStage(db, stage)),

    planRetraining: step('planRetraining', async (_: Input<'planRetraining'>) => {
      let reason: string | undefined;
      for (const { name, retrain } of reviewPipelines(pipelines.values())) {
        const verdict = await judgeLabels(db, { name, retrain });
        reason ??= verdict.reason;
        const { runId } = verdict;
        if (runId === null) continue;
        const pipeline = findPipeline(deps, name);
        const parameters = resolveParameters(pipeline, {});
        return {
          reason: verdict.reason,
          request: {
            runId,
            pipeline: name,
            kind: 'retrain',
            source: allReviews,
            parameters,
            seed,
            settingsSha256: pipeline.settings.sha256,
            reason: verdict.reason,
            requestedBy: 'labels',
            cache: true,
            from: null,
            ...trainingPlan(pipeline, parameters),
          },
        };
      }
      return { request: null, reason: reason ?? 'no pipeline scores reviews' };
    }),

    rescoreReviews: step('rescoreReviews', async ({ scoreAgain }: Input<'rescoreReviews'>, { signal }) => {
      const part = { rescored: 0, quarantined: 0 };
      while (part.rescored + part.quarantined < partReviews) {
        signal.throwIfAborted();
        const production = await readScoringPipeline(deps);
        if (production === null) return { ...part, end: 'no model that scores reviews is in production' };
        const { pipeline, version } = production;
        const { name, retrain } = pipeline;
        if (!retrain.rescore && scoreAgain !== true)
          return { ...part, end: `${name} leaves them as they are (retrain.rescore)` };
        const outdated = await readOutdatedReviews(db, { pipeline: name, version }, reviewsAtOnce);
        const said = outdated.length === 0 ? null : await scoring.score(outdated, signal);
        if (said === null) return { ...part, end: `all are scored by version ${version} of ${name}` };
        await db.transaction(async (tx) => {
          await storeReviewScores(tx, { of: 'scored', ...said });
          await quarantineReviews(tx, { of: 'scored', ...said });
        });
        part.rescored += said.scores.length;
        part.quarantined += said.refused.length;
      }
      return { ...part, end: null };
    }),
  };
}
