import { randomUUID } from 'node:crypto';
import { type PipelineName, type RunId, runIdSchema } from '../../contracts/ids.ts';
import type { Database } from '../../db/client.ts';
import { startRun } from '../../db/queries/runs.ts';

type StartedRun = Parameters<typeof startRun>[1];

/** The row of a run that a workflow has begun. */
export async function createStartedRun(
  db: Database,
  run: { pipeline: PipelineName } & Partial<Pick<StartedRun, 'kind' | 'search'>>,
): Promise<RunId> {
  const id = runIdSchema.parse(randomUUID());
  await startRun(db, {
    id,
    kind: 'deploy',
    source: 'demo:olist',
    parameters: {},
    seed: 1,
    settingsSha256: null,
    reason: null,
    requestedBy: 'test',
    workflowId: `run:${id}`,
    scheduleId: null,
    ...run,
  });
  return id;
}
