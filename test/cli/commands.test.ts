import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { childEnvironment } from '../../config/process-environment.ts';
import type { RunProgress } from '../../contracts/http/runs.ts';
import { modelVersion, pipeline, runDetail, runId, runProgress } from './samples.ts';
import { type Answer, type Received, startStandInService } from './stand-in-service.ts';

const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

type Result = { exitCode: number; stdout: string; stderr: string };

type Feed = { input?: string; interruptAt?: string };

/** Runs the command; `interruptAt` is what it must have said when it gets its Ctrl-C. */
function perennial(url: string, args: string[], { input = '', interruptAt }: Feed = {}): Promise<Result> {
  return new Promise((resolve) => {
    const env = childEnvironment({ PERENNIAL_URL: url, PERENNIAL_API_KEY: 'a-key-of-the-service' });
    const child = execFile(process.execPath, [cli, ...args], { env }, (error, stdout, stderr) => {
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
    child.stdin?.end(input);
    let said = '';
    child.stderr?.on('data', (chunk) => {
      const before = said;
      said += String(chunk);
      if (interruptAt !== undefined && said.includes(interruptAt) && !before.includes(interruptAt))
        child.kill('SIGINT');
    });
  });
}

async function startService(answers: Record<string, (request: Received) => Answer>) {
  const service = await startStandInService((request) => {
    const answer = answers[`${request.method} ${request.path}`];
    return (
      answer?.(request) ?? { status: 404, body: { type: 'about:blank', title: 'Not Found', status: 404 } }
    );
  });
  cleanups.push(service.close);
  return service;
}

const runAnswers = (status: RunProgress['status']) => ({
  'GET /api/v1/pipelines/olist-score': () => ({ body: pipeline }),
  'POST /api/v1/pipelines/olist-score/runs': () => ({
    status: 202,
    body: { runId, workflowId: `run:${runId}`, links: { run: '/r', events: '/e', temporal: '/t' } },
  }),
  [`GET /api/v1/runs/${runId}/events`]: () => ({
    events: [
      { id: 3, data: runProgress('running') },
      { id: 9, data: runProgress(status) },
    ],
  }),
  [`GET /api/v1/runs/${runId}`]: () => ({ body: runDetail(status) }),
  'GET /api/v1/models/olist-score/versions/2': () => ({ body: modelVersion }),
});

describe('perennial run', () => {
  it('sends kebab-case parameters under their own names and shows steps, candidates, baseline and gate', async () => {
    const service = await startService(runAnswers('succeeded'));
    const result = await perennial(service.url, ['run', 'olist-score', '--min-r2', '0.1', '--seed', '9']);
    expect(result.stderr).toContain('trainCandidate:boosting: running 50 % (attempt 2)');
    expect(result.exitCode).toBe(0);
    const posted = service.received.find(({ method }) => method === 'POST');
    expect(JSON.parse(String(posted?.body))).toEqual({ kind: 'deploy', parameters: { minR2: 0.1 }, seed: 9 });
    expect(posted?.headers.authorization).toBe('Bearer a-key-of-the-service');
    for (const shown of [
      'flagged: 1 finding, 1 of 100 rows quarantined',
      'loadData',
      '1.5 s',
      '* boosting',
      '0.5123 (0.4821 to 0.5384)',
      '1.5200',
      'r2 0.5123 is at least 0.1',
    ])
      expect(result.stdout).toContain(shown);
    expect(result.stdout).toContain('succeeded in 12.5 s: olist-score version 2 is in production');
    expect(result.stdout).toContain('98 kept (78 train, 20 hold-out) + excluded: 2 no-review');
  });

  it('asks for steps to be executed, and shows which were taken from another run', async () => {
    const detail = runDetail('succeeded');
    const [loaded, ...others] = detail.steps;
    const other = '019aa7a0-0000-7000-8000-000000000001';
    const service = await startService({
      ...runAnswers('succeeded'),
      [`GET /api/v1/runs/${runId}`]: () => ({
        body: { ...detail, steps: [{ ...loaded, status: 'cached', cachedFrom: other }, ...others] },
      }),
    });
    const from = ['run', 'olist-score', '--from', 'trainCandidate:boosting'];
    const result = await perennial(service.url, from);
    expect(result.stdout).toContain(`cached from run ${other}: loadData`);
    await perennial(service.url, ['run', 'olist-score', '--no-cache']);
    const bodies = service.received
      .filter(({ method }) => method === 'POST')
      .map(({ body }): unknown => JSON.parse(String(body)));
    expect(bodies).toEqual([
      { kind: 'deploy', parameters: {}, from: 'trainCandidate:boosting' },
      { kind: 'deploy', parameters: {}, cache: false },
    ]);
  });

  it('names a candidate that was left out, with the whole of its reason', async () => {
    const reason = 'linear: it takes no missing values, and column "days_late" has 12 of them among 78 rows';
    const detail = runDetail('succeeded');
    const [loaded, ...others] = detail.steps;
    if (loaded === undefined) throw new Error('the sample run has steps');
    const refused = { ...loaded, step: 'trainCandidate:linear', status: 'failed', message: reason };
    const service = await startService({
      ...runAnswers('succeeded'),
      [`GET /api/v1/runs/${runId}`]: () => ({ body: { ...detail, steps: [loaded, refused, ...others] } }),
    });
    const result = await perennial(service.url, ['show', runId]);
    expect(result.stdout).toContain(`left out: linear: ${reason}`);
    expect(result.exitCode).toBe(0);
  });

  it.each([
    ['skipped', 0],
    ['rejected', 2],
    ['failed', 3],
    ['cancelled', 4],
  ] as const)('ends a run that is %s with exit code %i', async (status, exitCode) => {
    const service = await startService(runAnswers(status));
    expect((await perennial(service.url, ['run', 'olist-score'])).exitCode).toBe(exitCode);
  });

  it('is left by Ctrl-C while the run goes on, and says how to stop it', async () => {
    const service = await startService(runAnswers('running'));
    const result = await perennial(service.url, ['run', 'olist-score'], { interruptAt: 'is running' });
    expect(result).toMatchObject({ exitCode: 130, stdout: '' });
    expect(result.stderr).toContain(`perennial cancel ${runId}`);
    expect(service.received.some(({ path }) => path.endsWith('/cancel'))).toBe(false);
  });

  it('goes on after a lost connection where the last event stood', async () => {
    let connections = 0;
    const service = await startService({
      ...runAnswers('succeeded'),
      [`GET /api/v1/runs/${runId}/events`]: () => {
        connections += 1;
        return {
          events: [{ id: connections, data: runProgress(connections === 1 ? 'running' : 'succeeded') }],
        };
      },
    });
    expect((await perennial(service.url, ['watch', runId])).exitCode).toBe(0);
    const again = service.received.filter(({ path }) => path.endsWith('/events'))[1];
    expect(again?.headers['last-event-id']).toBe('1');
  });

  it('uploads a folder and runs on what was uploaded', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'perennial-data-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'orders.csv'), 'order_id\n1\n');
    const service = await startService({
      ...runAnswers('succeeded'),
      'POST /api/v1/uploads': () => ({ status: 201, body: { source: 'upload:77', files: [] } }),
    });
    const result = await perennial(service.url, ['run', 'olist-score', '--data', folder, '--detach']);
    expect(result.stdout).toBe(`${runId}\n`);
    const uploaded = service.received.find(({ path }) => path === '/api/v1/uploads');
    expect(uploaded?.headers['content-length']).toBe(String(uploaded?.body.length));
    expect(String(uploaded?.body)).toContain('order_id\n1\n');
    const posted = service.received.find(({ path }) => path.endsWith('/runs'));
    expect(JSON.parse(String(posted?.body))).toMatchObject({ source: 'upload:77' });
  });

  it('refuses an unknown parameter before anything is uploaded or started', async () => {
    const service = await startService(runAnswers('succeeded'));
    const result = await perennial(service.url, ['run', 'olist-score', '--min-r3', '1']);
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    expect(result.stderr).toBe('Unknown parameter --min-r3; known: --min-r2.\n');
    expect(service.received.map(({ method }) => method)).toEqual(['GET']);
  });
});

describe('perennial', () => {
  it('ends in silence when whoever reads its answers goes away', async () => {
    const page = { items: Array.from({ length: 5_000 }, () => modelVersion), nextCursor: null };
    const { url } = await startService({
      'GET /api/v1/models/olist-score/versions?limit=7': () => ({ body: page }),
    });
    const env = childEnvironment({ PERENNIAL_URL: url });
    const child = spawn(process.execPath, [cli, 'models', 'olist-score', '--limit', '7', '--json'], { env });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const [exitCode] = await once(child, 'close');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('shows a problem with each bad field and its pointer', async () => {
    const service = await startService({
      'POST /api/v1/models/olist-score/predict': () => ({
        status: 422,
        body: {
          type: 'about:blank',
          title: 'Unprocessable Content',
          status: 422,
          detail: 'the instances do not fit',
          errors: [{ pointer: '/instances/0/price', message: 'must be a number' }],
        },
      }),
    });
    const result = await perennial(service.url, ['predict', 'olist-score'], { input: '{"price": "cheap"}' });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toBe('Unprocessable Content:\n  /instances/0/price: must be a number\n');
  });

  it('says why a rollback was refused after it had been taken', async () => {
    const message = 'production is at version 3, but the promotion was decided against version 2';
    const asked = { pipeline: 'olist-score', requestId: 'a' };
    const links = { deployment: '/deployment', ledger: '/ledger', temporal: 'http://temporal' };
    const service = await startService({
      'POST /api/v1/models/olist-score/rollback': () => ({
        status: 202,
        body: { ...asked, version: 1, workflowId: 'deploy:olist-score', links },
      }),
      'GET /api/v1/models/olist-score/deployments/a': () => ({
        body: { ...asked, status: 'failed', entry: null, failure: { type: 'StaleVersion', message } },
      }),
    });
    const result = await perennial(service.url, ['rollback', 'olist-score']);
    expect(result).toMatchObject({ exitCode: 3, stdout: '' });
    expect(result.stderr).toContain(message);
  });

  describe('names the file or folder that it cannot use, and why', () => {
    const folders = async () => {
      const folder = await mkdtemp(join(tmpdir(), 'perennial-files-'));
      cleanups.push(() => rm(folder, { recursive: true }));
      await writeFile(join(folder, 'file'), '');
      await symlink(join(folder, 'none'), join(folder, 'orders.csv'));
      return folder;
    };
    it.each([
      ['predict olist-score {}/none', 'Cannot read {}/none: there is no such file or folder.'],
      ['predict olist-score {}', 'Cannot read {}: it is a folder.'],
      ['run olist-score --data {}/none', 'Cannot read {}/none: there is no such file or folder.'],
      ['validate olist-score --data {}/none', 'Cannot read {}/none: there is no such file or folder.'],
      ['validate olist-score --data {}', 'Cannot read {}/orders.csv: there is no such file or folder.'],
      ['settings check {}/none', '{}/none:1:1: there is no such settings file'],
      ['demo-data olist --to {}/file', 'Cannot write {}/file: it is a file, not a folder.'],
      [
        'demo-data olist --to {}/file/a',
        'Cannot write {}/file/a: a part of the path is a file, not a folder.',
      ],
      ['artifacts a --to {}/file', 'Cannot write {}/file: it is a file, not a folder.'],
    ])('%s', async (command, message) => {
      const folder = await folders();
      const service = await startService({
        ...runAnswers('succeeded'),
        'GET /api/v1/runs/a/artifacts': () => ({ body: { items: [] } }),
      });
      const result = await perennial(service.url, command.replaceAll('{}', folder).split(' '));
      const stderr = `${message.replaceAll('{}', folder)}\n`;
      expect(result).toEqual({ exitCode: 1, stdout: '', stderr });
    });
  });

  it('says how to start the service when nothing answers', async () => {
    const service = await startService({});
    await service.close();
    const result = await perennial(service.url, ['pipelines']);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('npm start');
  });

  it('predicts in parts of 10,000 and answers one line each', async () => {
    const service = await startService({
      'POST /api/v1/models/olist-score/predict': ({ body }) => {
        const { instances } = JSON.parse(String(body)) as { instances: { price: number }[] };
        return {
          body: {
            model: { pipeline: 'olist-score', version: 2 },
            predictions: instances.map(({ price }) => ({
              id: '01935000-0000-7000-8000-000000000000',
              value: price,
            })),
          },
        };
      },
    });
    const lines = Array.from({ length: 10_001 }, (_, i) => JSON.stringify({ price: i })).join('\n');
    const result = await perennial(service.url, ['predict', 'olist-score', '-', '--json'], { input: lines });
    const values = result.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).value);
    expect(values).toEqual(Array.from({ length: 10_001 }, (_, i) => i));
    expect(service.received).toHaveLength(2);
  });

  it('sends the rows of a file in parts that keep an entity together, and adds up what was left out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'perennial-rows-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    const customers = 5001;
    const lines = Array.from({ length: customers * 2 }, (_, i) => `${i % customers};${i / 2}`);
    await writeFile(join(folder, 'lines.csv'), ['Customer;Amount', ...lines, ';7'].join('\n'));
    const tables = {
      lines: {
        files: ['lines.csv'],
        columns: { id: { type: 'text', aliases: ['Customer'] }, Amount: { type: 'number' } },
      },
    };
    const predictFrom = { tables: { lines: { by: 'id' } }, at: 'at' };
    const service = await startService({
      'GET /api/v1/pipelines/olist-score': () => ({ body: { ...pipeline, tables, predictFrom } }),
      'POST /api/v1/models/olist-score/predict': ({ body }) => {
        const keys = new Set<string>(
          JSON.parse(body.toString()).tables.lines.map(({ id }: { id: string }) => id),
        );
        const leftOut = {
          table: 'lines',
          rule: 'range',
          column: 'Amount',
          rows: 2,
          message: '',
          example: null,
        };
        return {
          body: {
            model: { pipeline: 'olist-score', version: 2 },
            predictions: [...keys].map((key) => ({
              id: '01935000-0000-7000-8000-000000000000',
              key,
              value: 3,
            })),
            at: '2011-12-10',
            leftOut: [leftOut],
          },
        };
      },
    });

    const args = [
      'predict',
      'olist-score',
      '--data',
      join(folder, 'lines.csv'),
      '--at',
      '2011-12-10',
      '--json',
    ];
    const result = await perennial(service.url, args);
    const keys = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).key);
    expect(keys).toHaveLength(customers);
    expect(new Set(keys).size).toBe(customers);
    const sent = service.received.slice(1).map(({ body }) => JSON.parse(body.toString()));
    expect(sent.map(({ at, tables: { lines: rows } }) => [at, rows.length])).toEqual([
      ['2011-12-10', 10_000],
      ['2011-12-10', 2],
    ]);
    expect(sent[1].tables.lines).toEqual([
      { id: '999', Amount: '499.5' },
      { id: '999', Amount: '3000' },
    ]);
    expect(result.stderr).toContain('version 2 as of 2011-12-10: 1 prediction from 2 rows');
    expect(result.stderr).toContain('left out: 4 rows by range of Amount (lines)');
    expect(result.stderr).toContain('left out: 1 rows without a value to group them by');
  });

  it('explains predictions by a line for each feature, in parts of 100', async () => {
    const explanation = {
      baseValue: 4,
      space: 'value',
      contributions: [
        { feature: 'delivery_time_days', value: 31.5, contribution: -2 },
        { feature: 'customer_state', value: 'SP', contribution: 1 },
        { feature: 'price', value: null, contribution: 0 },
      ],
    };
    const prediction = { id: '01935000-0000-7000-8000-000000000000', value: 3, explanation };
    const service = await startService({
      'POST /api/v1/models/olist-score/predict': ({ body }) => {
        const { instances, explain } = JSON.parse(String(body)) as { instances: unknown[]; explain: boolean };
        const predictions = explain ? instances.map(() => prediction) : [];
        return { body: { model: { pipeline: 'olist-score', version: 2 }, predictions } };
      },
    });
    const lines = Array.from({ length: 101 }, () => '{}').join('\n');
    const result = await perennial(service.url, ['predict', 'olist-score', '-', '--explain'], {
      input: lines,
    });
    expect(service.received).toHaveLength(2);
    // A regression without tiers: no empty columns for what it does not have.
    expect(result.stdout.split('\n')[0]).toMatch(/^prediction +result$/);
    expect(result.stdout.split('\n').slice(3, 10)).toEqual([
      'feature             its value    value',
      'base value                     +4.0000',
      'delivery_time_days  31.5000    -2.0000  ------------------------',
      'customer_state      SP         +1.0000  ++++++++++++',
      'sum                            +3.0000',
      '1 more feature adds nothing',
      '',
    ]);
  });

  it('shows what this installation sets anew of a pipeline', async () => {
    const service = await startService(runAnswers('succeeded'));
    const { stdout } = await perennial(service.url, ['pipelines', 'olist-score']);
    expect(stdout).toContain(
      "set by this installation's settings file:\nsetting           declared  set to\nparameters.minR2      0.15     0.1\n",
    );
  });

  it('checks a settings file without a service, and shows what it changes', async () => {
    const service = await startService({});
    await service.close();
    const folder = await mkdtemp(join(tmpdir(), 'perennial-settings-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    const file = join(folder, 'ours.yaml');
    await writeFile(file, 'pipelines:\n  olist-score:\n    parameters: { minR2: 0.2 }\n');
    const checked = await perennial(service.url, ['settings', 'check', file]);
    expect(checked).toMatchObject({ exitCode: 0, stderr: '' });
    expect(checked.stdout).toMatch(`${file}: 6 pipelines checked, 1 changed\n\nolist-score, settings `);
    expect(checked.stdout).toContain('\nparameters.minR2       0.1     0.2\n');

    await writeFile(
      file,
      'pipelines: { olist-satisfaction: { gate: { bars: [{ metric: f1, min: 0.5 }] } } }\n',
    );
    const { stdout } = await perennial(service.url, ['settings', 'check', file]);
    expect(stdout).toContain('\ngate.bars:\n  - {"metric":"rocAuc","min":{"parameter":"minRocAuc"}}\n');
    expect(stdout).toContain('\n  + {"metric":"f1","min":0.5}\n');

    await writeFile(file, 'pipelines:\n  olist-score:\n    parameters: { minR2: 0.2 }\n');
    const asJson = await perennial(service.url, ['--json', 'settings', 'check', file]);
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      file,
      pipelines: [
        { pipeline: 'customer-segments', settingsSha256: null, changes: [] },
        { pipeline: 'lead-conversion', settingsSha256: null, changes: [] },
        { pipeline: 'olist-reviews', settingsSha256: null, changes: [] },
        { pipeline: 'olist-satisfaction', settingsSha256: null, changes: [] },
        { pipeline: 'olist-score', changes: [{ key: 'parameters.minR2', declared: 0.1, value: 0.2 }] },
        { pipeline: 'review-insights', settingsSha256: null, changes: [] },
      ],
    });

    await writeFile(file, 'pipelines:\n  olist-score:\n    parameters: { minR2: 2 }\n');
    expect(await perennial(service.url, ['settings', 'check', file])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `${file}:3:19: pipelines.olist-score.parameters.minR2: Too big: expected number to be <=1\n`,
    });
  });

  it('validates by a run that it stops once the report is there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'perennial-data-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'orders.csv'), 'order_id\n1\n');
    const service = await startService({
      ...runAnswers('running'),
      'POST /api/v1/uploads': () => ({ body: { source: 'upload:77', files: [] } }),
      [`POST /api/v1/runs/${runId}/cancel`]: () => ({ status: 202, body: {} }),
    });
    const result = await perennial(service.url, ['validate', 'olist-score', '--data', folder]);
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain('columns of orders that are not declared, and ignored: coupon');
    expect(result.stdout).toContain('orders.csv:17: "yesterday" is no timestamp');
    expect(service.received.filter(({ path }) => path.endsWith('/cancel'))).toHaveLength(1);
  });

  it('writes the same demo data for the same seed, without a service', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'perennial-demo-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    const write = (to: string) =>
      perennial('http://127.0.0.1:1', [
        'demo-data',
        'olist',
        '--rows',
        '50',
        '--to',
        join(folder, to),
        '--json',
      ]);
    const [first, second] = [await write('a'), await write('b')];
    const names = (result: Result): string[] =>
      (JSON.parse(result.stdout) as { name: string }[]).map(({ name }) => name);
    expect(names(first)).toEqual(names(second));
    expect(names(first).length).toBeGreaterThan(0);
    for (const name of names(first))
      expect(await readFile(join(folder, 'a', name))).toEqual(await readFile(join(folder, 'b', name)));
  });
});
