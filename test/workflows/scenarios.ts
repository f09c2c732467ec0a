import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 as uuidV7 } from 'uuid';
import type { RunOutcome } from '../../contracts/activities.ts';
import type { CollectionEnd, CollectionRequest } from '../../contracts/collections.ts';
import { collectorNameSchema } from '../../contracts/collector.ts';
import {
  addSnapshotWorkflowId,
  deployWorkflowId,
  diffWorkflowId,
  monitorReviewsId,
  type RunId,
  retrainWorkflowId,
  reviewsWorkflowId,
  runIdSchema,
  runWorkflowId,
  type Sha256,
  searchWorkflowId,
  trainWorkflowId,
} from '../../contracts/ids.ts';
import { type IngestReviews, type IngestStats, ingestMessages } from '../../contracts/ingest.ts';
import { refreshWorkflowId } from '../../contracts/refresh.ts';
import type { ReviewBatch } from '../../contracts/reviews.ts';
import { runMessages, type ScheduledRetraining, workflowTypes } from '../../contracts/runs.ts';
import type { AddSnapshotRequest, DiffRequest, DiffResult } from '../../contracts/snapshots.ts';
import { taskQueues } from '../../contracts/task-queues.ts';
import { costByRatio, jobsTable } from './jobs.ts';
import { opinionsTable } from './opinions.ts';
import {
  createFeatureSearchRequest,
  createRunRequest,
  createSearchRequest,
  startRetraining,
  startRun,
  startSearch,
  type TestService,
  until,
} from './test-service.ts';

/** Paths that runs take, in the order in which they are recorded: later ones need the production of earlier ones. */
export type Scenario = {
  name: string;
  /** Workflow types whose histories are kept, with the ids that this scenario gives them. */
  workflows: readonly (keyof typeof workflowTypes)[];
  expected: RunOutcome['status'];
  perform(service: TestService): Promise<{ status: RunOutcome['status']; ids: Record<string, string> }>;
};

const scheduledId = 'retrain:olist-score-2026-01-01T03:00:00Z';

export const scenarios: readonly Scenario[] = [
  {
    name: 'promoted',
    workflows: ['continuousDeployment', 'trainModel', 'deployModel'],
    expected: 'succeeded',
    perform: (service) =>
      run(service, {
        runId: scenarioRunId(1),
        candidates: ['linear', 'random-forest'],
        variants: [{ variant: 'at-approval', candidate: 'gradient-boosting' }],
      }),
  },
  {
    name: 'rejected',
    workflows: ['continuousDeployment', 'deployModel'],
    expected: 'rejected',
    perform: (service) => run(service, { runId: scenarioRunId(2), parameters: { minR2: 0.92 } }),
  },
  {
    name: 'trained-only',
    workflows: ['continuousDeployment'],
    expected: 'succeeded',
    perform: (service) => run(service, { runId: scenarioRunId(3), kind: 'train' }),
  },
  {
    name: 'skipped',
    workflows: ['retrainModel'],
    expected: 'skipped',
    async perform({ client }) {
      const { runId: _, kind: __, reason: ___, ...scheduled } = createRunRequest();
      const outcome: RunOutcome = await client.workflow.execute(workflowTypes.retrainModel, {
        workflowId: scheduledId,
        taskQueue: taskQueues.workflow,
        args: [scheduled satisfies ScheduledRetraining],
      });
      return { status: outcome.status, ids: { retrainModel: scheduledId } };
    },
  },
  {
    name: 'retrained',
    workflows: ['retrainModel', 'continuousDeployment'],
    expected: 'succeeded',
    async perform(service) {
      const request = createRunRequest({ runId: scenarioRunId(5), kind: 'retrain', reason: 'asked for' });
      const { status } = await (await startRetraining(service, request)).result();
      return { status, ids: idsOfRetraining(request.runId) };
    },
  },
  {
    name: 'cancelled',
    workflows: ['continuousDeployment', 'trainModel'],
    expected: 'cancelled',
    async perform(service) {
      const request = createRunRequest({
        runId: scenarioRunId(6),
        candidates: ['random-forest', 'gradient-boosting'],
        source: 'demo:olist?rows=20000&seed=7',
      });
      const handle = await startRun(service, request);
      await until(async () => {
        const { events } = await service.client.workflow
          .getHandle(trainWorkflowId(request.runId))
          .fetchHistory();
        return events?.some(
          (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'trainCandidate',
        );
      });
      await handle.executeUpdate(runMessages.cancel, { args: ['no longer needed'] });
      const { status } = await handle.result();
      return { status, ids: idsOf(request.runId) };
    },
  },
  {
    name: 'failed',
    workflows: ['continuousDeployment', 'trainModel'],
    expected: 'failed',
    async perform(service) {
      const request = createRunRequest({ runId: scenarioRunId(7), source: `upload:${scenarioRunId(7)}` });
      const handle = await startRun(service, request);
      const status = await handle.result().then(
        () => 'succeeded' as const,
        () => 'failed' as const,
      );
      return { status, ids: idsOf(request.runId) };
    },
  },
  {
    name: 'promoted-and-explained',
    workflows: ['continuousDeployment'],
    expected: 'succeeded',
    perform: (service) => run(service, { runId: scenarioRunId(8) }),
  },
  {
    name: 'trained-and-explained',
    workflows: ['continuousDeployment'],
    expected: 'succeeded',
    perform: (service) => run(service, { runId: scenarioRunId(9), kind: 'train' }),
  },
  {
    name: 'candidate-refused',
    workflows: ['trainModel'],
    expected: 'succeeded',
    perform: (service) =>
      run(service, {
        runId: scenarioRunId(10),
        pipeline: 'refused-candidate',
        kind: 'train',
        candidates: ['unfit', 'linear'],
      }),
  },
  {
    name: 'cancelled-retraining',
    workflows: ['retrainModel', 'continuousDeployment'],
    expected: 'cancelled',
    async perform(service) {
      const request = createRunRequest({
        runId: scenarioRunId(11),
        kind: 'retrain',
        reason: 'asked for',
        candidates: ['random-forest'],
        source: 'demo:olist?rows=20000&seed=7',
      });
      const handle = await startRetraining(service, request);
      await until(() => service.client.workflow.getHandle(trainWorkflowId(request.runId)).describe());
      await handle.executeUpdate(runMessages.cancel, { args: ['no longer needed'] });
      const { status } = await handle.result();
      return { status, ids: idsOfRetraining(request.runId) };
    },
  },
  {
    name: 'searched-by-halving',
    workflows: ['searchParameters'],
    expected: 'succeeded',
    perform: (service) => search(service, { runId: scenarioRunId(12), strategy: 'halving', trials: 4 }),
  },
  {
    name: 'search-out-of-time',
    workflows: ['searchParameters'],
    expected: 'succeeded',
    perform: (service) =>
      search(service, {
        runId: scenarioRunId(13),
        candidates: ['linear', 'random-forest'],
        trials: 200,
        minutes: 0.05,
      }),
  },
  {
    name: 'features-kept',
    workflows: ['generateFeatures'],
    expected: 'succeeded',
    async perform(service) {
      await writeFile(join(service.sources, 'jobs.csv'), jobsTable(costByRatio));
      const request = { ...createFeatureSearchRequest(service), runId: scenarioRunId(14) };
      const { status } = await (await startSearch(service, request)).result();
      return { status, ids: { generateFeatures: searchWorkflowId(request.runId) } };
    },
  },
  {
    name: 'topics-learned',
    workflows: ['trainModel'],
    expected: 'succeeded',
    async perform(service) {
      await writeFile(join(service.sources, 'opinions.csv'), opinionsTable());
      return run(service, {
        runId: scenarioRunId(15),
        pipeline: 'opinions',
        kind: 'train',
        candidates: ['words'],
        source: `folder:${service.sources}`,
        topics: true,
      });
    },
  },
  {
    name: 'taken-and-compared',
    workflows: ['takeSnapshot', 'compareSnapshots'],
    expected: 'succeeded',
    async perform({ client }) {
      const take = async (requestId: string, seed: number): Promise<Sha256> => {
        const request: AddSnapshotRequest = {
          source: `demo:leads?rows=50&seed=${seed}`,
          pipeline: null,
          name: null,
        };
        const { id } = await client.workflow.execute<
          (request: AddSnapshotRequest) => Promise<{ id: Sha256 }>
        >(workflowTypes.takeSnapshot, {
          workflowId: addSnapshotWorkflowId(requestId),
          taskQueue: taskQueues.workflow,
          args: [request],
        });
        return id;
      };
      const [from, to] = [await take('former', 1), await take('later', 2)];
      const request: DiffRequest = { from, to, pipeline: null, key: null };
      const ids = {
        takeSnapshot: addSnapshotWorkflowId('later'),
        compareSnapshots: diffWorkflowId(from),
      };
      await client.workflow.execute<(request: DiffRequest) => Promise<DiffResult>>(
        workflowTypes.compareSnapshots,
        {
          workflowId: ids.compareSnapshots,
          taskQueue: taskQueues.workflow,
          args: [request],
        },
      );
      return { status: 'succeeded', ids };
    },
  },
  {
    name: 'reviews-collected',
    workflows: ['collectReviews'],
    expected: 'succeeded',
    perform: (service) => collect(service, 'recorded'),
  },
  {
    name: 'reviews-refreshed',
    workflows: ['collectReviews', 'refreshReviews'],
    expected: 'succeeded',
    perform: (service) => collectAndRefresh(service),
  },
  {
    // The workflow never ends; what is kept is the last of its runs, which took over from one that was full.
    name: 'reviews-taken-in',
    workflows: ['ingestReviews'],
    expected: 'succeeded',
    async perform(service) {
      const source = 'recorded.example';
      await signalBatches(service, { source, signals: 9, maxEvents: 60 });
      return { status: 'succeeded', ids: { ingestReviews: reviewsWorkflowId(source) } };
    },
  },
  {
    // No model that scores reviews is in production, which the measurement says.
    name: 'reviews-not-measured',
    workflows: ['monitorReviews'],
    expected: 'succeeded',
    async perform({ client }) {
      await client.workflow.execute(workflowTypes.monitorReviews, {
        workflowId: monitorReviewsId,
        taskQueue: taskQueues.workflow,
        args: [],
      });
      return { status: 'succeeded', ids: { monitorReviews: monitorReviewsId } };
    },
  },
];

/** Tells the workflow of a source of batches, of which each is gone by the time it is looked for, one by one. */
export async function signalBatches(
  { client }: Pick<TestService, 'client'>,
  { source, signals, maxEvents }: { source: string; signals: number; maxEvents: number },
): Promise<void> {
  const workflowId = reviewsWorkflowId(source);
  const start: IngestReviews = { source, maxEvents };
  for (let signal = 0; signal < signals; signal++) {
    const batch: ReviewBatch = { id: uuidV7(), count: 1 };
    await client.workflow.signalWithStart(workflowTypes.ingestReviews, {
      workflowId,
      taskQueue: taskQueues.workflow,
      args: [start],
      signal: ingestMessages.addBatches,
      signalArgs: [[batch]],
    });
    await until(async () => {
      const stats = await client.workflow.getHandle(workflowId).query<IngestStats>(ingestMessages.stats);
      return stats.waiting === 0;
    });
  }
}

/** A round over two files. */
async function collect({ client, home, sources }: TestService, name: string) {
  const path = join(sources, name);
  const declarations = join(home, 'collectors');
  await Promise.all([mkdir(path), mkdir(declarations, { recursive: true })]);
  for (const file of ['first', 'second']) await writeFile(join(path, `${file}.csv`), reviewsFile(file));
  // JSON is YAML.
  await writeFile(
    join(declarations, `${name}.yaml`),
    JSON.stringify({ kind: 'folder', name, title: name, source: name, path, settledSeconds: 0 }),
  );
  const collectReviews = `collect:${name}:scenario`;
  const { status } = await client.workflow.execute<(request: CollectionRequest) => Promise<CollectionEnd>>(
    workflowTypes.collectReviews,
    {
      workflowId: collectReviews,
      taskQueue: taskQueues.workflow,
      args: [{ collector: collectorNameSchema.parse(name), requestedBy: 'test' }],
    },
  );
  return { status, ids: { collectReviews } };
}

/** Its refresh retrains the model that scores, and has what the version before it scored scored again. */
async function collectAndRefresh(service: TestService) {
  await collect(service, 'scored');
  const first = createRunRequest({
    runId: scenarioRunId(16),
    pipeline: 'feelings',
    source: 'reviews:*',
    candidates: ['words'],
  });
  await (await startRun(service, first)).result();
  const { status, ids } = await collect(service, 'refreshed');
  const refresh = service.client.workflow.getHandle(refreshWorkflowId);
  await refresh.result();
  return { status, ids: { ...ids, refreshReviews: refreshWorkflowId } };
}

/** Reviews for the pipeline `feelings`, as a file has them. */
const reviewsFile = (of: string): string =>
  ['id,text,rating']
    .concat(
      Array.from({ length: 30 }, (_, i) => {
        const [said, rating] = feelings[i % feelings.length] ?? feelings[0];
        return `${of}-${i},It was ${said},${rating}`;
      }),
    )
    .join('\n');
const feelings = [
  ['awful', 1],
  ['neither good nor bad', 3],
  ['wonderful', 5],
] as const;

async function search(service: TestService, ...[overrides]: Parameters<typeof createSearchRequest>) {
  const request = createSearchRequest(overrides);
  const { status } = await (await startSearch(service, request)).result();
  return { status, ids: { searchParameters: searchWorkflowId(request.runId) } };
}

async function run(service: TestService, overrides: Parameters<typeof createRunRequest>[0]) {
  const request = createRunRequest(overrides);
  const { status } = await (await startRun(service, request)).result();
  return { status, ids: idsOf(request.runId) };
}

const idsOf = (runId: RunId): Record<string, string> => ({
  continuousDeployment: runWorkflowId(runId),
  trainModel: trainWorkflowId(runId),
  deployModel: deployWorkflowId(createRunRequest().pipeline),
});
const idsOfRetraining = (runId: RunId): Record<string, string> => ({
  ...idsOf(runId),
  retrainModel: retrainWorkflowId(runId),
});

/** Fixed, so that a recording changes only where the workflows do. */
const scenarioRunId = (n: number): RunId =>
  runIdSchema.parse(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
