import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCatalog } from '../../api/catalog.ts';
import { problemSchema } from '../../contracts/http/problem.ts';
import { runDetailSchema, runListSchema, runSchema, runStartedSchema } from '../../contracts/http/runs.ts';
import { searchSchema, searchStartedSchema } from '../../contracts/http/searches.ts';
import { type RunId, sha256Schema } from '../../contracts/ids.ts';
import type { GeneratedStep } from '../../contracts/search.ts';
import { findRun } from '../../db/queries/run-views.ts';
import { finishRun, recordRunFacts } from '../../db/queries/runs.ts';
import { recordSnapshot } from '../../db/queries/snapshots.ts';
import { recordTrial, startTrial } from '../../db/queries/trials.ts';
import { trialOf } from '../../ml/search/trials.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { valuation, wellness } from './pipelines.ts';
import { readAs, type Service, startService } from './service.ts';
import { createNamespace } from './temporal-namespace.ts';

const path = '/api/v1/pipelines/valuation/searches';
const { linear } = valuation.candidates;
if (linear === undefined) throw new Error('linear is a candidate');
/** With a space for one of its candidates. */
const searchable = {
  ...valuation,
  candidates: {
    ...valuation.candidates,
    linear: {
      ...linear,
      search: { l2: { type: 'number' as const, from: 0.1, to: 10, scale: 'log' as const, steps: 3 } },
    },
  },
};
const catalog = createCatalog(new Map([searchable, wellness].map((pipeline) => [pipeline.name, pipeline])));
const snapshotId = sha256Schema.parse('c'.repeat(64));
const metrics = { r2: 0.5 };

const generatedOf = (kept: readonly GeneratedStep[]) => ({
  made: 9,
  tried: kept.length,
  needed: 2.5,
  confirmed: 2,
  features: kept.map((step) => ({
    step,
    round: 1,
    trial: 1,
    gain: { gain: 0.1, standardError: 0.01 },
    confirmation: { gain: 0.09, standardError: 0.01 },
    kept: true,
  })),
});

describeTemporal('searches', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({ temporal: await createNamespace(), change: { catalog } });
  });
  afterAll(() => service.stop());

  const start = (body: unknown = {}, key?: string) =>
    readAs(
      searchStartedSchema,
      service.send(path, body, key === undefined ? {} : { 'idempotency-key': key }),
      202,
    );
  const read = (searchId: string) => readAs(searchSchema, service.get(`/api/v1/searches/${searchId}`));

  /** As a worker would end it. */
  const succeed = async (
    searchId: RunId,
    params: Record<string, unknown>,
    kept: readonly GeneratedStep[] = [],
  ): Promise<void> => {
    await recordSnapshot(service.db, valuation.name, {
      id: snapshotId,
      source: 'demo:olist',
      files: [],
      ignoredFiles: [],
      joined: false,
    });
    await recordRunFacts(service.db, searchId, { snapshotId });
    const winner = { trial: 1, candidate: 'linear', learner: 'linear', params, selectionScore: 0.5, metrics };
    await finishRun(service.db, searchId, {
      status: 'succeeded',
      search: {
        winner,
        best: [winner],
        scored: 2,
        stopped: 0,
        refused: 0,
        sha256: snapshotId,
        ...(kept.length === 0 ? {} : { generated: generatedOf(kept) }),
      },
    });
  };

  test('is a run with its plan, and its workflow is started, before it is answered', async () => {
    const { searchId, workflowId, links } = await start({ strategy: 'halving', trials: 6, seed: 5 });
    const search = await readAs(searchSchema, service.get(links.search));
    expect(search).toMatchObject({
      searchId,
      run: { runId: searchId, kind: 'search', status: 'queued', seed: 5, tuned: null },
      plan: {
        strategy: 'halving',
        trials: 6,
        minutes: null,
        rungs: [1, 2],
        candidates: [{ candidate: 'linear', params: {} }],
      },
      trials: [],
      result: null,
      settings: null,
    });
    const workflow = await service.temporal.call((client) =>
      client.workflow.getHandle(workflowId).describe(),
    );
    expect(workflow.type).toBe('searchParameters');
    const listed = await readAs(runListSchema, service.get('/api/v1/runs?kind=search'));
    expect(listed.items.map(({ runId }) => runId)).toContain(searchId);
  });

  test.each([
    [{}, 20],
    [{ strategy: 'grid' }, 4],
    [{ minutes: 5 }, 300],
    [{ minutes: 5, strategy: 'halving' }, 20],
    [{ trials: 7 }, 7],
  ])('%j is a budget of %i trials', async (body, trials) => {
    const { searchId } = await start(body);
    expect((await read(searchId)).plan.trials).toBe(trials);
  });

  test.each([
    [{ candidates: ['forest'] }, '/candidates/0'],
    [{ trials: 1 }, '/trials'],
    [{ trials: 301 }, '/trials'],
    [{ strategy: 'grid', trials: 3 }, '/trials'],
    [{ strategy: 'luck' }, '/strategy'],
    [{ minutes: 0 }, '/minutes'],
    [{ folds: 1 }, '/folds'],
    [{ strategy: 'halving', earlyStop: true }, '/earlyStop'],
    [{ parameters: { candidates: ['linear'] } }, '/parameters/candidates'],
    [{ parameters: { minR3: 1 } }, '/parameters/minR3'],
    [{ source: 'demo:nope' }, '/source'],
    [{ kind: 'search' }, '/kind'],
  ])('refuses %j and names %s', async (body, pointer) => {
    const { errors } = await readAs(problemSchema, service.send(path, body), 422);
    expect(errors?.map((error) => error.pointer)).toEqual([pointer]);
  });

  test('for features names its one candidate, which need declare no space', async () => {
    const { searchId } = await start({ candidates: ['linear'], generate: { proposals: 7 } });
    const { plan, settings, features } = await read(searchId);
    expect(plan).toMatchObject({ strategy: 'forward', generate: { proposals: 7, keep: 5 }, rungs: [2] });
    expect({ settings, features }).toEqual({ settings: null, features: null });
    const { workflowId } = await readAs(runSchema, service.get(`/api/v1/runs/${searchId}`));
    const workflow = await service.temporal.call((client) =>
      client.workflow.getHandle(workflowId).describe(),
    );
    expect(workflow.type).toBe('generateFeatures');
  });

  test.each([
    [{ generate: {} }, '/candidates'],
    [{ generate: {}, candidates: ['none'] }, '/candidates'],
    [{ generate: {}, candidates: ['linear'], trials: 5 }, '/trials'],
    [{ generate: { proposals: 101 }, candidates: ['linear'] }, '/generate/proposals'],
    [{ generate: { keep: 0 }, candidates: ['linear'] }, '/generate/keep'],
  ])('for features refuses %j and names %s', async (body, pointer) => {
    const { errors } = await readAs(problemSchema, service.send(path, body), 422);
    expect(errors?.map((error) => error.pointer)).toEqual([pointer]);
  });

  test('refuses a pipeline that declares no space, and a run of the kind', async () => {
    const { detail } = await readAs(
      problemSchema,
      service.send('/api/v1/pipelines/wellness/searches', {}),
      422,
    );
    expect(detail).toContain('no candidate of wellness declares a "search" space');
    await readAs(problemSchema, service.send('/api/v1/pipelines/valuation/runs', { kind: 'search' }), 422);
  });

  test('the same key answers the same search, and another plan under it is a conflict', async () => {
    const [first, second] = await Promise.all([start({ trials: 4 }, 'once'), start({ trials: 4 }, 'once')]);
    expect(second.searchId).toBe(first.searchId);
    const problem = await readAs(
      problemSchema,
      service.send(path, { trials: 5 }, { 'idempotency-key': 'once' }),
      409,
    );
    expect(problem.detail).toContain('search');
  });

  test('shows its trials as they come, and is cancelled as a run is', async () => {
    const { searchId } = await start({ trials: 4, seed: 3 });
    const row = await findRun(service.db, searchId);
    if (row?.search == null || row.search.strategy === 'forward')
      throw new Error('the search is kept with its run');
    const trial = trialOf(row.search, row.seed, 1);
    await startTrial(service.db, searchId, trial);
    expect((await read(searchId)).trials).toMatchObject([{ ...trial, status: 'running', folds: 0 }]);
    await recordTrial(service.db, {
      runId: searchId,
      number: 1,
      status: 'scored',
      rung: 0,
      folds: 2,
      selectionScore: 0.4,
      metrics: { r2: 0.4 },
      seconds: 1.5,
    });
    await startTrial(service.db, searchId, trialOf(row.search, row.seed, 2));
    await readAs(runSchema, service.send(`/api/v1/runs/${searchId}/cancel`), 202);
    await finishRun(service.db, searchId, { status: 'cancelled', reason: 'asked' });
    const { trials, result } = await read(searchId);
    expect(trials).toMatchObject([
      { number: 1, status: 'scored', folds: 2, selectionScore: 0.4, seconds: 1.5 },
      { number: 2, status: 'cancelled', selectionScore: null },
    ]);
    expect(result).toBeNull();
  });

  describe('a run with what a search found', () => {
    const runs = '/api/v1/pipelines/valuation/runs';
    const found = { l2: 3.3 };

    test('trains the winner on the data and hold-out of the search, and says so', async () => {
      const { searchId } = await start({ trials: 4, parameters: { salt: 'other', minR2: 0.3 } });
      await succeed(searchId, found);
      const { settings } = await read(searchId);
      expect(settings).toContain('l2: 3.3');
      const { links } = await readAs(runStartedSchema, service.send(runs, { search: searchId }), 202);
      const run = await readAs(runDetailSchema, service.get(links.run));
      expect(run).toMatchObject({
        kind: 'deploy',
        source: `snapshot:${snapshotId}`,
        parameters: { salt: 'other', minR2: 0.3, candidates: ['linear'] },
        tuned: { searchId, candidates: { linear: { trial: 1, params: found, selectionScore: 0.5 } } },
      });
    });

    test('has the features that a search kept, unless the declaration no longer takes them', async () => {
      const asked = { candidates: ['linear'], generate: {} };
      const weekday: GeneratedStep = {
        step: 'datePart',
        column: 'built',
        part: 'weekday',
        as: 'built_weekday',
      };
      const { searchId } = await start(asked);
      await succeed(searchId, {}, [weekday]);
      expect((await read(searchId)).features).toContain(
        '- { step: datePart, column: built, part: weekday, as: built_weekday }',
      );
      const { links } = await readAs(runStartedSchema, service.send(runs, { search: searchId }), 202);
      const run = await readAs(runDetailSchema, service.get(links.run));
      expect(run.tuned).toMatchObject({ searchId, generated: [weekday] });

      const outdated = await start({ ...asked, seed: 8 });
      await succeed(outdated.searchId, {}, [{ ...weekday, column: 'demolished' }]);
      const { detail } = await readAs(problemSchema, service.send(runs, { search: outdated.searchId }), 409);
      expect(detail).toMatch(/no longer takes what search .* kept: .*unknown column 'demolished'/);
    });

    test('is refused where other rows would be held out, or the search found nothing', async () => {
      const { searchId } = await start({ trials: 4 });
      const { detail } = await readAs(problemSchema, service.send(runs, { search: searchId }), 409);
      expect(detail).toContain('it is queued');
      await succeed(searchId, found);
      const { errors } = await readAs(
        problemSchema,
        service.send(runs, { search: searchId, parameters: { testShare: 0.4 } }),
        422,
      );
      expect(errors?.map(({ pointer }) => pointer)).toEqual(['/parameters/testShare']);
      await readAs(problemSchema, service.send(runs, { search: randomUUID() }), 404);
      const { runId } = await readAs(runStartedSchema, service.send(runs, {}), 202);
      await readAs(problemSchema, service.get(`/api/v1/searches/${runId}`), 404);
      await readAs(problemSchema, service.send('/api/v1/pipelines/wellness/runs', { search: searchId }), 422);
    });
  });
});
