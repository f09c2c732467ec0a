import type { RunActivities } from '../contracts/activities.ts';
import { readProduction, readVersion } from '../db/queries/models.ts';
import { finishRun, setRunStatus, startRun } from '../db/queries/runs.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { findPipeline } from './pipeline-of-run.ts';
import { reasonToRetrain } from './retraining.ts';
import { recordSnapshotOf } from './snapshot.ts';
import { createStep } from './step.ts';

type Input<A extends keyof RunActivities> = Parameters<RunActivities[A]>[0];

export function createRunActivities(deps: ActivityDependencies): RunActivities {
  const { db } = deps;
  const step = createStep(deps);
  return {
    startRun: ({ runId, ...run }) => startRun(db, { id: runId, ...run }),
    updateRunStatus: ({ runId, status }) => setRunStatus(db, runId, status),
    finishRun: ({ runId, outcome }) => finishRun(db, runId, outcome),

    decideRetraining: step('decideRetraining', async (input: Input<'decideRetraining'>, control) => {
      const pipeline = findPipeline(deps, input.pipeline);
      const snapshot = await recordSnapshotOf(deps, input, control);
      const alias = await readProduction(db, input.pipeline);
      const production = alias === null ? null : await readVersion(db, input.pipeline, alias.version);
      return reasonToRetrain({
        asked: input.reason,
        snapshotId: snapshot.id,
        pipelineSha256: pipeline.hash,
        maxAgeDays: pipeline.retrain.maxAgeDays,
        nowMs: deps.nowMs(),
        production:
          production === null
            ? null
            : {
                version: production.version,
                snapshotId: production.lineage.snapshotId,
                pipelineSha256: production.lineage.pipelineSha256,
                trainedAtMs: Date.parse(production.createdAt),
              },
      });
    }),
  };
}
