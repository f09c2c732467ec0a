import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compiledFile } from '../../config/paths.ts';
import { childEnvironment } from '../../config/process-environment.ts';
import { diffSchema, snapshotDetailSchema, snapshotListSchema } from '../../contracts/http/snapshots.ts';
import { runs } from '../../db/schema/runs.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { type ApiProcess, startApi } from '../serving/api-process.ts';
import { createTestService, type TestService } from './test-service.ts';

const flats = (rent: (flat: number) => string): string =>
  `flat,rent\n${Array.from({ length: 500 }, (_, flat) => `F-${flat},${rent(flat)}\n`).join('')}`;

describeTemporal('data by reference', () => {
  let service: TestService;
  let api: ApiProcess;
  beforeAll(async () => {
    service = await createTestService();
    // Both keep their blobs there.
    api = await startApi({ ...service.apiOptions, environment: { PERENNIAL_HOME: service.home } });
    await service.startWorker();
  });
  afterAll(async () => {
    await api.stop();
    await service.close();
  });

  const perennial = async (...command: string[]): Promise<string> => {
    const env = childEnvironment({ PERENNIAL_URL: api.url });
    return (await promisify(execFile)(process.execPath, [compiledFile('cli/main.js'), ...command], { env }))
      .stdout;
  };

  test('is added, listed, compared, exported and run on, each by one command', {
    timeout: 120_000,
  }, async () => {
    const [former, later] = [join(service.sources, 'flats.csv'), join(service.sources, 'newer.csv')];
    await writeFile(former, flats(String));
    await writeFile(
      later,
      flats((flat) => (flat % 50 === 0 ? `${flat}.5` : String(flat))),
    );

    const reference = (await perennial('data', 'add', former, '--name', 'flats')).trim();
    expect(reference).toMatch(/^snapshot:[0-9a-f]{64}$/);
    expect((await perennial('data', 'add', former)).trim()).toBe(reference);
    const second = snapshotDetailSchema.parse(
      JSON.parse(await perennial('--json', 'data', 'add', later, '--name', 'newer')),
    );
    expect(second).toMatchObject({ names: ['newer'], pipeline: null, files: 1, rows: 500 });

    const compared = JSON.parse(await perennial('--json', 'data', 'diff', 'flats', 'newer', '--key', 'flat'));
    expect(diffSchema.parse(compared).diff?.tables).toMatchObject([
      {
        key: ['flat'],
        rows: { from: 500, to: 500, added: 0, removed: 0, changed: 10 },
        columns: {
          differing: 1,
          differences: [{ column: 'rent', changed: 10, type: { from: 'integer', to: 'number' } }],
        },
      },
    ]);

    const folder = join(service.home, 'exported');
    await perennial('data', 'export', reference.slice(0, 20), '--to', folder);
    const exported = join(folder, 'flats.csv');
    expect(await readFile(exported)).toEqual(await readFile(former));
    await writeFile(exported, 'mine');
    await expect(perennial('data', 'export', 'flats', '--to', folder)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is there already; --force overwrites it'),
    });
    expect(await readFile(exported, 'utf8')).toBe('mine');

    const started = await perennial('run', 'olist-score', '--data', 'snapshot:flats', '--detach');
    const rows = await service.database.db.select().from(runs);
    expect(rows).toMatchObject([{ id: started.trim(), source: reference }]);
    const { items } = snapshotListSchema.parse(JSON.parse(await perennial('--json', 'data', 'list')));
    expect(items.find(({ names }) => names.includes('flats'))?.usedBy).toMatchObject({
      runs: 1,
      lastRuns: [{ runId: started.trim(), pipeline: 'olist-score' }],
    });
  });

  test('that no table of the pipeline takes is refused with what it holds', {
    timeout: 120_000,
  }, async () => {
    const notes = join(service.sources, 'notes');
    await mkdir(notes);
    await writeFile(join(notes, 'a.csv'), 'a\n1\n');
    await writeFile(join(notes, 'b.csv'), 'b\n1\n');
    await expect(perennial('data', 'add', notes, '--pipeline', 'olist-score')).rejects.toMatchObject({
      code: 3,
      stderr: expect.stringContaining('it holds a.csv, b.csv'),
    });
  });
});
