import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { planFeatures, planSearch } from '../../api/search-requests.ts';
import { compiledFile, projectRoot } from '../../config/paths.ts';
import { childEnvironment } from '../../config/process-environment.ts';
import type { RunOutcome, SearchOutcome } from '../../contracts/activities.ts';
import {
  pipelineNameSchema,
  type RunId,
  retrainWorkflowId,
  runIdSchema,
  runWorkflowId,
  searchWorkflowId,
} from '../../contracts/ids.ts';
import { type RunRequest, workflowTypes } from '../../contracts/runs.ts';
import type { FeatureSearchRequest, SearchRequest } from '../../contracts/search.ts';
import { searchAttributes } from '../../contracts/search-attributes.ts';
import { taskQueues } from '../../contracts/task-queues.ts';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { resolveParameters } from '../../pipelines/parameters.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { createTestDatabase } from '../environment/test-database.ts';
import { testTemporal } from '../environment/test-temporal.ts';

export type WorkerProcess = {
  process: ChildProcess;
  pid: number;
  kill(): Promise<void>;
  stop(): Promise<void>;
};

export type TestService = {
  client: Client;
  database: DatabaseClient;
  /** What an API process beside the workers is started on. */
  apiOptions: { databaseUrl: string; temporal: { address: string; namespace: string } };
  /** The workers' home folder. */
  home: string;
  /** A folder that sources may lie in. */
  sources: string;
  startWorker(options?: { cpuSlots: number }): Promise<WorkerProcess>;
  close(): Promise<void>;
};

/** Keyword, Int: how the server's interface numbers the kinds of search attributes. */
const attributeTypes: Readonly<Record<string, number>> = { KEYWORD: 2, INT: 3 };

/** Worker processes over a database and a Temporal namespace of the test file's own: task queues are shared by name. */
export async function createTestService(): Promise<TestService> {
  const { address } = testTemporal();
  const namespace = `test-${randomUUID()}`;
  const [database, connection] = await Promise.all([createTestDatabase(), Connection.connect({ address })]);
  await createNamespace(connection, namespace);
  const home = mkdtempSync(join(tmpdir(), 'perennial-worker-'));
  const client = createDatabaseClient({ url: database.url, poolSize: 3, applicationName: 'test' });
  const sources = join(home, 'sources');
  mkdirSync(sources);
  const workers = new Set<WorkerProcess>();
  return {
    client: new Client({ connection, namespace }),
    database: client,
    apiOptions: { databaseUrl: database.url, temporal: { address, namespace } },
    home,
    sources,
    async startWorker({ cpuSlots } = { cpuSlots: 2 }) {
      const env = childEnvironment(
        {
          DATABASE_URL: database.url,
          PERENNIAL_HOME: home,
          TEMPORAL_ADDRESS: address,
          TEMPORAL_NAMESPACE: namespace,
          WORKER_CPU_SLOTS: String(cpuSlots),
          PIPELINES_DIR: declared,
          SOURCE_ROOTS: sources,
          LOG_LEVEL: 'error',
        },
        ['TEMPORAL_', 'PERENNIAL_SETTINGS', 'ARTIFACTS_URL'],
      );
      const worker = await startWorker(env, () => workers.delete(worker));
      workers.add(worker);
      return worker;
    },
    async close() {
      await Promise.all([...workers].map((worker) => worker.stop()));
      await client.close();
      await connection.close();
      await database.drop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function createNamespace(connection: Connection, namespace: string): Promise<void> {
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  const attributes = Object.fromEntries(
    Object.values(searchAttributes).map(({ name, type }) => [name, attributeTypes[type] ?? 0]),
  );
  await until(async () => {
    // Refused until the namespace is known to every part of the server.
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: attributes });
    return true;
  });
}

async function startWorker(env: Record<string, string>, onExit: () => void): Promise<WorkerProcess> {
  const child = fork(compiledFile('worker/main.js'), [], {
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void exited.then(onExit);
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`the worker ended with ${code} before it was ready`)));
  });
  const end = (signal: NodeJS.Signals) => async () => {
    child.kill(signal);
    await exited;
  };
  const { pid } = child;
  if (pid === undefined) throw new Error('the worker that is ready has no process id');
  return { process: child, pid, kill: end('SIGKILL'), stop: end('SIGTERM') };
}

/** Polls until the condition holds; errors count as "not yet". */
export async function until<T>(
  condition: () => Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  let last: unknown = 'the condition never held';
  while (performance.now() < endMs) {
    try {
      const value = await condition();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    await delay(50);
  }
  throw new Error(`not within ${timeoutMs / 1000} s`, { cause: last });
}

/** Pipelines whose work is slow, endless or refused. */
const declared = join(projectRoot, 'test', 'workflows', 'declared');
const pipelines = loadPipelines({ folders: [join(projectRoot, 'pipelines'), declared] });
const smallSource = 'demo:olist?rows=1500&seed=7';

/** A run on little data with the linear learner; of `olist-score` unless another pipeline is named. */
export function createRunRequest(
  overrides: Partial<Omit<RunRequest, 'parameters' | 'pipeline'>> & {
    pipeline?: string;
    parameters?: Record<string, unknown>;
  } = {},
): RunRequest {
  const name = pipelineNameSchema.parse(overrides.pipeline ?? 'olist-score');
  const pipeline = pipelines.get(name);
  if (pipeline === undefined) throw new Error(`${name} is not declared`);
  const parameters = resolveParameters(pipeline, overrides.parameters);
  return {
    runId: runIdSchema.parse(randomUUID()),
    kind: 'deploy',
    source: smallSource,
    seed: 1,
    reason: null,
    requestedBy: 'test',
    // What is measured, killed or cancelled is done, though a test before has done the same.
    cache: false,
    candidates: ['linear'],
    variants: [],
    ...overrides,
    pipeline: name,
    parameters,
  };
}

/** A workflow of a run, by what it takes and answers: tests know it by name only, as the API does. */
type RunWorkflow = (request: RunRequest) => Promise<RunOutcome>;

export const startRun = ({ client }: Pick<TestService, 'client'>, request: RunRequest) =>
  client.workflow.start<RunWorkflow>(workflowTypes.continuousDeployment, {
    workflowId: runWorkflowId(request.runId),
    taskQueue: taskQueues.workflow,
    args: [request],
  });

/** A retraining that a person asked for. */
export const startRetraining = ({ client }: Pick<TestService, 'client'>, request: RunRequest) =>
  client.workflow.start<RunWorkflow>(workflowTypes.retrainModel, {
    workflowId: retrainWorkflowId(request.runId),
    taskQueue: taskQueues.workflow,
    args: [request],
  });

/** A search of `olist-score` on little data; over the linear learner unless others are named. */
export function createSearchRequest(
  overrides: Partial<Pick<SearchRequest['search'], 'strategy' | 'trials' | 'parallel' | 'earlyStop'>> & {
    runId?: RunId;
    candidates?: string[];
    minutes?: number;
  } = {},
): SearchRequest {
  const {
    candidates = ['linear'],
    strategy = 'random',
    parallel = 4,
    trials,
    minutes,
    earlyStop,
  } = overrides;
  const { runId, pipeline, source, parameters, seed, reason, requestedBy } = createRunRequest(
    overrides.runId === undefined ? {} : { runId: overrides.runId },
  );
  const declaration = pipelines.get(pipeline);
  if (declaration === undefined) throw new Error(`${pipeline} is declared`);
  const search = planSearch(declaration, { candidates, strategy, parallel, trials, minutes, earlyStop });
  return {
    runId,
    pipeline,
    kind: 'search',
    source,
    parameters,
    seed,
    settingsSha256: null,
    reason,
    requestedBy,
    cache: false,
    search,
  };
}

/** A search for features of `workshop`, whose table lies in the service's folder of sources. */
export function createFeatureSearchRequest({ sources }: Pick<TestService, 'sources'>): FeatureSearchRequest {
  const {
    candidates: _,
    variants: __,
    ...request
  } = createRunRequest({
    pipeline: 'workshop',
    source: `folder:${sources}`,
  });
  const declaration = pipelines.get(request.pipeline);
  if (declaration === undefined) throw new Error(`${request.pipeline} is declared`);
  const search = planFeatures(declaration, {
    candidates: ['boosting'],
    parallel: 4,
    generate: { proposals: 5, keep: 2 },
  });
  return { ...request, kind: 'search', settingsSha256: null, search };
}

export const startSearch = (
  { client }: Pick<TestService, 'client'>,
  request: SearchRequest | FeatureSearchRequest,
) =>
  client.workflow.start<(asked: typeof request) => Promise<SearchOutcome>>(
    request.search.strategy === 'forward' ? workflowTypes.generateFeatures : workflowTypes.searchParameters,
    {
      workflowId: searchWorkflowId(request.runId),
      taskQueue: taskQueues.workflow,
      args: [request],
    },
  );
