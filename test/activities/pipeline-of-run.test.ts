import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExplanationActivities } from '../../activities/explanation.ts';
import { toFailure } from '../../activities/failure.ts';
import { pipelineOfRun } from '../../activities/pipeline-of-run.ts';
import { pipelineNameSchema, runIdSchema, type Sha256, sha256Schema } from '../../contracts/ids.ts';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { startRun } from '../../db/queries/runs.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { createThreadPool } from '../../threads/pool.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';

const folders = [join(import.meta.dirname, '../../pipelines')];
const pipeline = pipelineNameSchema.parse('olist-score');
const others = sha256Schema.parse('f'.repeat(64));

let database: TestDatabase;
let client: DatabaseClient;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  client = createDatabaseClient({ url: database.url, poolSize: 2, applicationName: 'test' });
  folder = await mkdtemp(join(tmpdir(), 'perennial-settings-'));
});
afterAll(async () => {
  await client.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

async function acceptRun(settingsSha256: Sha256 | null) {
  const runId = runIdSchema.parse(randomUUID());
  await startRun(client.db, {
    id: runId,
    pipeline,
    kind: 'deploy',
    source: 'demo:olist',
    parameters: {},
    seed: 1,
    settingsSha256,
    reason: null,
    requestedBy: 'test',
    workflowId: `run:${runId}`,
    scheduleId: null,
  });
  return { runId, pipeline };
}

async function loadWithSettings() {
  const settingsFile = join(folder, 'perennial.yaml');
  await writeFile(settingsFile, 'pipelines: { olist-score: { parameters: { minR2: 0.2 } } }');
  const pipelines = loadPipelines({ folders, settingsFile });
  const own = pipelines.get(pipeline)?.settings.sha256 ?? null;
  return { deps: { db: client.db, pipelines }, own };
}

test('a run finds its pipeline where the worker has the settings it was accepted with', async () => {
  const { deps, own } = await loadWithSettings();
  const found = await pipelineOfRun(deps, await acceptRun(own));
  expect(found.parameters.minR2).toMatchObject({ default: 0.2 });
  const without = { db: client.db, pipelines: loadPipelines({ folders }) };
  expect((await pipelineOfRun(without, await acceptRun(null))).parameters.minR2).toMatchObject({
    default: 0.1,
  });
});

test('a version is not explained by other settings than its run was accepted with', async () => {
  const { deps } = await loadWithSettings();
  const threads = createThreadPool({ size: 1, blobFolder: folder });
  const { explainModel } = createExplanationActivities({
    ...deps,
    store: await createFolderStore(folder),
    threads,
    stepCode: 'test',
    logger: pino({ level: 'silent' }),
  });
  const input = { ...(await acceptRun(others)), version: 1, parameters: {} };
  const refused = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(
    explainModel,
    input,
  );
  await expect(refused).rejects.toMatchObject({ type: 'SettingsDiffer', nonRetryable: true });
  await threads.close();
});

test('a worker with other settings refuses the run for good, naming both', async () => {
  const { deps, own } = await loadWithSettings();
  const refused = pipelineOfRun(deps, await acceptRun(others));
  await expect(refused).rejects.toThrow(
    `accepted with the settings ${others} of olist-score, this worker has the settings ${own}`,
  );
  await expect(pipelineOfRun(deps, await acceptRun(null))).rejects.toThrow('accepted with no settings of');
  const failure = await refused.catch(toFailure);
  expect(failure).toMatchObject({ type: 'SettingsDiffer', nonRetryable: true });
});
