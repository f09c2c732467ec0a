import type { RunActivities } from '../contracts/activities.ts';
import { readProduction, readVersion } from '../db/queries/models.ts';
import { finishRun, setRunStatus, startRun } from '../db/queries/runs.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { pipelineOfRun } from './pipeline-of-run.ts';
import { reasonToRetrain } from './retraining.ts';
import { recordSnapshotOf } from './snapshot.ts';
import { createStep } from './step.ts';

type Input<A extends keyof RunActivities> = Parameters<RunActivities[A]>[0];

export function createRunActivities(deps: ActivityDependencies): RunActivities {
  const { db } = deps;
  const step = createStep(deps);
  return {
    startRun: ({ runId, settingsSha256, from, ...run }) => {
      // A schedule may have been made before there were settings: its runs go by those of the worker.
      const own = deps.pipelines.get(run.pipeline)?.settings.sha256 ?? null;
      return startRun(db, {
        id: runId,
        ...run,
        fromStep: from ?? null,
        settingsSha256: settingsSha256 === undefined ? own : settingsSha256,
      });
    },
    updateRunStatus: ({ runId, status }) => setRunStatus(db, runId, status),
    finishRun: ({ runId, outcome }) => finishRun(db, runId, outcome),

    decideRetraining: step('decideRetraining', async (input: Input<'decideRetraining'>, control) => {
      const pipeline = await pipelineOfRun(deps, input);
      const snapshot = await recordSnapshotOf(deps, { pipeline, source: input.source }, control);
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
