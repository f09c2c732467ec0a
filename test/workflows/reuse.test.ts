import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runIdSchema } from '../../contracts/ids.ts';
import type { RunRequest } from '../../contracts/runs.ts';
import { modelVersions } from '../../db/schema/models.ts';
import { runArtifacts, runCandidates, runSteps } from '../../db/schema/runs.ts';
import { stepResults } from '../../db/schema/step-results.ts';
import type { TopicReport } from '../../ml/topics/report.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import {
  createRunRequest,
  createTestService,
  startRun,
  type TestService,
  until,
  type WorkerProcess,
} from './test-service.ts';

const candidates = ['linear', 'decision-tree'];
const trained = candidates.map((candidate) => `trainCandidate:${candidate}`);
const prepared = ['loadData', 'validateData', 'buildRows'];
const reusable = [...prepared, ...trained, 'evaluateCandidate', 'explainModel'];
/** What a run does for itself alone. */
const own = ['registerModel', 'evaluateGate', 'preloadModel', 'promoteModel'];

const request = (overrides: Parameters<typeof createRunRequest>[0] = {}): RunRequest =>
  createRunRequest({ candidates, cache: true, kind: 'train', ...overrides });

describeTemporal('steps of an earlier run', () => {
  let service: TestService;
  let worker: WorkerProcess;
  /** Its steps are what the others may take. */
  let first: RunRequest;
  beforeAll(async () => {
    service = await createTestService();
    worker = await service.startWorker();
    first = request({ cache: false, kind: 'deploy', parameters: { minR2: -1 } });
    await finish(first);
  });
  afterAll(() => service.close());

  const finish = async (asked: RunRequest) => {
    const outcome = await (await startRun(service, asked)).result();
    expect(outcome).toMatchObject({ status: 'succeeded' });
  };
  const stepsOf = async ({ runId }: RunRequest) => {
    const steps = await service.database.db.select().from(runSteps).where(eq(runSteps.runId, runId));
    return {
      cached: steps.filter(({ status }) => status === 'cached'),
      executed: steps.filter(({ status }) => status === 'succeeded').map(({ step }) => step),
    };
  };
  const cachedSteps = async (asked: RunRequest) =>
    (await stepsOf(asked)).cached.map(({ step }) => step).sort();
  const modelOf = async ({ runId }: RunRequest) => {
    const [version] = await service.database.db
      .select()
      .from(modelVersions)
      .where(eq(modelVersions.runId, runId));
    if (version === undefined) throw new Error(`run ${runId} registered no version`);
    return version;
  };
  const hashesOf = async ({ runId }: RunRequest) => {
    const found = await service.database.db
      .select()
      .from(runCandidates)
      .where(eq(runCandidates.runId, runId));
    return Object.fromEntries(found.map(({ candidate, artifactSha256 }) => [candidate, artifactSha256]));
  };
  const filesOf = async ({ runId }: RunRequest) => {
    const found = await service.database.db.select().from(runArtifacts).where(eq(runArtifacts.runId, runId));
    // The verdict is of the run's own gate, and the page names the version.
    const ofSteps = found.filter(({ name }) => name !== 'verdict.json' && name !== 'explanation.html');
    return Object.fromEntries(ofSteps.map(({ name, sha256 }) => [name, sha256]));
  };
  const blobPath = (sha256: string) =>
    join(service.home, 'blobs', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  const topicsFileOf = async (asked: RunRequest): Promise<TopicReport> =>
    JSON.parse(readFileSync(blobPath((await filesOf(asked))['topics.json'] ?? ''), 'utf8'));

  test('are taken by one that changes no more than the bar; it registers and promotes a version of its own', async () => {
    const again = request({ kind: 'deploy', parameters: { minR2: -0.5 } });
    await finish(again);
    const { cached, executed } = await stepsOf(again);
    expect(cached.map(({ step }) => step).sort()).toEqual([...reusable].sort());
    expect(new Set(cached.map(({ cachedFrom }) => cachedFrom))).toEqual(new Set([first.runId]));
    expect(executed.sort()).toEqual([...own].sort());
    const [before, after] = [await modelOf(first), await modelOf(again)];
    expect(after.version).toBeGreaterThan(before.version);
    expect(after).toMatchObject({ artifactSha256: before.artifactSha256, metrics: before.metrics });
    expect(await filesOf(again)).toEqual(await filesOf(first));
  });

  test('train the candidate alone whose parameters have changed', async () => {
    const tuned = {
      searchId: runIdSchema.parse(randomUUID()),
      candidates: { linear: { trial: 1, params: { l2: 50 }, selectionScore: 0 } },
    };
    const changed = request({ tuned });
    await finish(changed);
    expect(await cachedSteps(changed)).toEqual(
      expect.arrayContaining([...prepared, 'trainCandidate:decision-tree']),
    );
    expect((await stepsOf(changed)).executed).toContain('trainCandidate:linear');
    const [before, after] = [await hashesOf(first), await hashesOf(changed)];
    expect(after['decision-tree']).toBe(before['decision-tree']);
    expect(after.linear).not.toBe(before.linear);
  });

  test('before the one asked for are taken, that one and what follows are executed', async () => {
    const from = request({ from: 'trainCandidate:linear' });
    await finish(from);
    expect(await cachedSteps(from)).toEqual([...prepared, 'trainCandidate:decision-tree'].sort());
    expect((await stepsOf(from)).executed).toEqual(
      expect.arrayContaining(['trainCandidate:linear', 'evaluateCandidate', 'explainModel']),
    );
    expect(await hashesOf(from)).toEqual(await hashesOf(first));
  });

  test('are executed where what they made is gone or damaged, and mend it', async () => {
    const { linear } = await hashesOf(first);
    const files = await filesOf(first);
    const [rows, model] = [files['rows.parquet'] ?? '', files['model.gz'] ?? ''];
    rmSync(blobPath(model));
    const bytes = readFileSync(blobPath(rows));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff;
    writeFileSync(blobPath(rows), bytes);

    const mended = request();
    await finish(mended);
    const { executed } = await stepsOf(mended);
    const { candidate: champion } = await modelOf(first);
    expect(executed.sort()).toEqual(['buildRows', 'registerModel', `trainCandidate:${champion}`]);
    expect((await hashesOf(mended)).linear).toBe(linear);
    expect(await filesOf(mended)).toEqual(files);
    const again = request();
    await finish(again);
    expect(await cachedSteps(again)).toEqual([...reusable].sort());
  });

  test('that learn topics are taken by a run of the same texts; of other texts, topics go on from those in production', async () => {
    const reviews = (source: string, kind: RunRequest['kind']) =>
      request({
        pipeline: 'review-insights',
        source,
        kind,
        candidates: ['words'],
        topics: true,
        parameters: { minAccuracy: 0, minF1Macro: 0 },
      });
    const learned = reviews('demo:reviews?rows=300&seed=7', 'train');
    const same = reviews('demo:reviews?rows=300&seed=7', 'deploy');
    const others = reviews('demo:reviews?rows=400&seed=8', 'train');
    await finish(learned);
    await finish(same);
    await finish(others);

    expect((await stepsOf(same)).cached).toContainEqual(
      expect.objectContaining({ step: 'trainTopics', cachedFrom: learned.runId }),
    );
    const production = await modelOf(same);
    expect(production.lineage.topics).toEqual((await modelOf(learned)).lineage.topics);
    expect(production.lineage.topics).toMatchObject({ continuesVersion: null });

    expect((await stepsOf(others)).executed).toContain('trainTopics');
    expect((await modelOf(others)).lineage.topics).toMatchObject({ continuesVersion: production.version });
    const before = await topicsFileOf(same);
    const after = await topicsFileOf(others);
    expect(before).toMatchObject({ production: null, continuity: null });
    expect(after).toMatchObject({ production: production.version, continuity: { documents: 400 } });
    const nameBefore = new Map(before.topics.map(({ id, name }) => [id, name]));
    const kept = after.continuity?.topics.filter(({ from }) => from !== null) ?? [];
    expect(kept.length).toBeGreaterThan(1);
    for (const { id, from } of kept) expect(id).toBe(from);
    for (const { id, name } of after.topics) {
      const wentOn = kept.find((topic) => topic.id === id);
      expect(nameBefore.get(id)).toBe(wentOn === undefined ? undefined : (wentOn.formerName ?? name));
    }
    const ended = before.topics.filter(({ id }) => !kept.some(({ from }) => from === id));
    expect(after.continuity?.ended).toEqual(ended.map(({ id, name }) => ({ id, name })));
  });

  test('are kept of a run whose worker was killed amid a fit, with the model it would have had', {
    timeout: 180_000,
  }, async () => {
    const source = 'demo:olist?rows=4000&seed=9';
    const asked = request({ source, candidates: ['linear', 'random-forest'], kind: 'train' });
    const handle = await startRun(service, asked);
    const step = 'trainCandidate:random-forest';
    await until(async () => {
      const steps = await service.database.db.select().from(runSteps).where(eq(runSteps.runId, asked.runId));
      return steps.some((one) => one.step === step && one.progress > 0);
    });
    const kept = await service.database.db
      .select()
      .from(stepResults)
      .where(eq(stepResults.runId, asked.runId));
    expect(kept.filter(({ work }) => work === 'trainCandidate').length).toBeLessThan(2);
    await worker.kill();
    worker = await service.startWorker();
    expect(await handle.result()).toMatchObject({ status: 'succeeded' });

    const again = request({ source, candidates: ['linear', 'random-forest'], kind: 'train' });
    await finish(again);
    expect((await stepsOf(again)).executed).toEqual(['registerModel']);
    const anew = request({ source, candidates: ['random-forest'], kind: 'train', cache: false });
    await finish(anew);
    expect((await hashesOf(again))['random-forest']).toBe((await hashesOf(anew))['random-forest']);
  });
});
