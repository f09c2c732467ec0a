import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runMessages } from '../../contracts/runs.ts';
import { modelVersions } from '../../db/schema/models.ts';
import { runs } from '../../db/schema/runs.ts';
import { searchTrials } from '../../db/schema/trials.ts';
import { searchSpaceSchema } from '../../ml/search/space.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { costByRatio, jobsTable } from './jobs.ts';
import { parameterSearch, searchUnderKills } from './search-kills.ts';
import {
  createFeatureSearchRequest,
  createRunRequest,
  createSearchRequest,
  createTestService,
  startRun,
  startSearch,
  type TestService,
  until,
} from './test-service.ts';

/** On a machine that does other things as well. */
const patienceMs = 150_000;

describeTemporal('a search', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await createTestService();
  });
  afterAll(() => service.close());

  // The long form, three kills, is `npm run chaos`.
  test('whose worker is killed amid a trial has the same winner, trials and hash, and measures none twice', {
    timeout: 300_000,
  }, async () => {
    const report = await searchUnderKills(service, { killCount: 1, ...parameterSearch(6) });
    expect(report.faults).toEqual([]);
    expect(report.repeatedAttempts).toBeGreaterThan(0);
  });

  test('that stops hopeless trials stops the same ones, however many are under way', {
    timeout: 300_000,
  }, async () => {
    // With most of these learning rates so few rounds come to nothing.
    const space = searchSpaceSchema.parse({
      learningRate: { type: 'number', from: 0.0001, to: 0.2, scale: 'log' },
    });
    const hopeless = {
      candidate: 'gradient-boosting',
      params: { rounds: 30, learningRate: 0.1, earlyStopping: null },
      space,
    };
    const searchBy = async (parallel: number) => {
      const request = createSearchRequest({ trials: 12, parallel, earlyStop: true });
      const search = { ...request.search, candidates: [hopeless] };
      const outcome = await (await startSearch(service, { ...request, search })).result();
      if (outcome.status !== 'succeeded') throw new Error(`the search is ${outcome.status}`);
      return outcome.search;
    };
    const [one, many] = await Promise.all([searchBy(1), searchBy(12)]);
    expect(many).toEqual(one);
    expect(one.stopped).toBeGreaterThan(0);
    expect(one.scored + one.stopped).toBe(12);
  });

  test('that is cancelled ends with its trials', { timeout: 300_000 }, async () => {
    const request = createSearchRequest({ candidates: ['random-forest'], trials: 100 });
    const handle = await startSearch(service, request);
    const trialsOf = () =>
      service.database.db.select().from(searchTrials).where(eq(searchTrials.runId, request.runId));
    await until(async () => (await trialsOf()).some(({ status }) => status === 'scored'), patienceMs);
    await handle.executeUpdate(runMessages.cancel, { args: ['enough'] });
    expect(await handle.result()).toEqual({ status: 'cancelled', reason: 'enough' });
    const statuses = (await trialsOf()).map(({ status }) => status);
    expect(statuses).not.toContain('running');
    expect(statuses.length).toBeLessThan(100);
  });

  test('has parameters that a run trains with, and its version says so', { timeout: 300_000 }, async () => {
    const { db } = service.database;
    const search = createSearchRequest({ trials: 3 });
    const outcome = await (await startSearch(service, search)).result();
    if (outcome.status !== 'succeeded') throw new Error(`the search is ${outcome.status}`);
    const { params, trial, selectionScore } = outcome.search.winner;
    const other = { ...params, l2: 250 };
    const tuned = {
      searchId: search.runId,
      candidates: { linear: { trial, params: other, selectionScore } },
    };
    const plain = createRunRequest({ kind: 'train' });
    const request = { ...createRunRequest({ kind: 'train' }), tuned };
    await Promise.all([plain, request].map(async (one) => (await startRun(service, one)).result()));
    const versionOf = async ({ runId }: { runId: typeof plain.runId }) =>
      (await db.select().from(modelVersions).where(eq(modelVersions.runId, runId)))[0];
    const [declared, found] = await Promise.all([versionOf(plain), versionOf(request)]);
    expect(found?.lineage).toMatchObject({ tuned });
    expect(declared?.lineage).not.toHaveProperty('tuned');
    expect(found?.artifactSha256).not.toBe(declared?.artifactSha256);
    const [row] = await db.select().from(runs).where(eq(runs.id, request.runId));
    expect(row?.tuned).toEqual(tuned);
  });

  test('for features keeps the planted one whoever dies, and a run trains with it', {
    timeout: 300_000,
  }, async () => {
    const { db } = service.database;
    await writeFile(join(service.sources, 'jobs.csv'), jobsTable(costByRatio));
    const create = () => createFeatureSearchRequest(service);
    const search = create();
    const report = await searchUnderKills(service, { killCount: 1, create, activity: 'tryFeatures' });
    expect(report.faults).toEqual([]);
    expect(report.repeatedAttempts).toBeGreaterThan(0);
    if (report.found.status !== 'succeeded') throw new Error(`the search is ${report.found.status}`);
    const { winner, generated } = report.found.search;
    const [first, ...others] = generated?.features.filter(({ kept }) => kept) ?? [];
    if (first === undefined) throw new Error('a feature is kept');
    expect(first.step.as).toMatch(/^(length_per_width|width_per_length)$/);
    for (const gain of [first.gain, first.confirmation])
      expect(gain?.gain).toBeGreaterThan(2 * (gain?.standardError ?? Number.NaN));

    const { candidate, trial, params, selectionScore } = winner;
    const tuned = {
      searchId: search.runId,
      candidates: { [candidate]: { trial, params, selectionScore } },
      generated: [first, ...others].map(({ step }) => step),
    };
    const { pipeline, source } = search;
    const request = createRunRequest({ pipeline, source, candidates: [candidate] });
    expect(await (await startRun(service, { ...request, tuned })).result()).toMatchObject({
      status: 'succeeded',
    });
    const [version] = await db.select().from(modelVersions).where(eq(modelVersions.runId, request.runId));
    expect(version?.lineage).toMatchObject({ tuned });
    // Without the quotient these trees come to about 0.45.
    expect(version?.metrics.r2).toBeGreaterThan(0.65);
  });
});
