import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../config/config.ts';
import { compiledFile } from '../../config/paths.ts';
import { childEnvironment } from '../../config/process-environment.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { readProduction } from '../../db/queries/models.ts';
import { resolveParameters } from '../../pipelines/parameters.ts';
import { loadConfiguredPipelines } from '../../pipelines/registry.ts';
import { amount, csv, noise } from '../data/inference/table.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { createRunRequest, createTestService, startRun, type TestService } from './test-service.ts';

/** Everything that a rule of the inference speaks of, in one table. */
const flats = csv(
  {
    flat: (row) => `F-${1000 + row}`,
    listed: (row) => `${1 + (row % 28)}.${1 + (row % 12)}.${2020 + (row % 3)}`,
    built: (row) => (row % 9 === 0 ? null : `1.1.${1950 + (row % 60)}`),
    split: amount,
    rooms: (row) => (row % 11 === 0 ? 'n/a' : 1 + (row % 5)),
    lift: (row) => (row % 2 === 0 ? 'yes' : 'no'),
    district: (row) => ['north', 'south', 'east'][row % 3] ?? null,
    street: (row) => `street ${Math.floor(noise('street', row) * 70)}`,
    country: () => 'DK',
    'rent, all in': (row) => rent(row) * 1.25,
    rent: (row) => (row % 20 === 0 ? null : rent(row)),
  },
  400,
  ';',
);
function rent(row: number): number {
  return Math.round(500 + 8 * Number(amount(row)) + 100 * (row % 3) + 60 * noise('rent', row));
}

describeTemporal('a table of one’s own', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await createTestService();
  });
  afterAll(() => service.close());

  test('is trained and promoted as `perennial init` declared it, without a build, an edit or a restart', async () => {
    // A worker that is there before the pipeline is takes it up when the first run asks for it.
    await service.startWorker();
    const data = join(service.sources, 'flats.csv');
    await writeFile(data, flats);
    const env = childEnvironment({ PERENNIAL_HOME: service.home, PIPELINES_DIR: '' });
    const command = [
      compiledFile('cli/main.js'),
      '--json',
      'init',
      'flats',
      '--data',
      data,
      '--target',
      'rent',
    ];
    const { stdout } = await promisify(execFile)(process.execPath, command, { env });
    expect(JSON.parse(stdout)).toMatchObject({
      folder: join(service.home, 'pipelines', 'flats'),
      task: 'regression',
      key: 'flat',
      pipelinesDir: null,
      columns: [
        { column: 'flat', use: 'identifier' },
        { column: 'listed', use: 'time' },
        { column: 'built', use: 'time' },
        { column: 'split', use: 'number' },
        { column: 'rooms', use: 'number' },
        { column: 'lift', use: 'boolean' },
        { column: 'district', use: 'category' },
        { column: 'street', use: 'category' },
        { column: 'country', use: 'constant' },
        { column: 'rent, all in', use: 'leak' },
      ],
    });
    await expect(promisify(execFile)(process.execPath, command, { env })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exists already; --force overwrites'),
    });

    const name = pipelineNameSchema.parse('flats');
    const config = readConfig({ PERENNIAL_HOME: service.home });
    const pipeline = loadConfiguredPipelines(config).get(name);
    if (pipeline === undefined) throw new Error('flats is not declared');
    const run = await startRun(service, {
      ...createRunRequest(),
      pipeline: name,
      parameters: resolveParameters(pipeline),
      candidates: Object.keys(pipeline.candidates),
      source: `folder:${data}`,
    });
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    expect(await readProduction(service.database.db, name)).toMatchObject({ version: 1 });
  });
});
