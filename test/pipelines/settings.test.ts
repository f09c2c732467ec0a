import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { instanceSchema } from '../../pipelines/instance-schema.ts';
import type { LoadedPipeline } from '../../pipelines/load-pipeline.ts';
import { resolveParameters } from '../../pipelines/parameters.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { InvalidPipelines } from '../../pipelines/yaml-file.ts';
import { asOrdinaryUser } from '../ordinary-user.ts';

const builtIn = fileURLToPath(new URL('../../pipelines', import.meta.url));
const examples = fileURLToPath(new URL('../../docs/examples', import.meta.url));
let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-settings-'));
  file = join(folder, 'perennial.yaml');
});
afterEach(() => rm(folder, { recursive: true }));

async function load(text: string, folders = [builtIn]): Promise<(name: string) => LoadedPipeline> {
  await writeFile(file, text);
  const loaded = loadPipelines({ folders, settingsFile: file });
  return (name) => {
    const pipeline = loaded.get(pipelineNameSchema.parse(name));
    if (pipeline === undefined) throw new Error(`${name} was not loaded`);
    return pipeline;
  };
}

async function problems(text: string, folders = [builtIn]): Promise<string[]> {
  try {
    await load(text, folders);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidPipelines)) throw error;
    return error.message.split('\n').map((line) => line.replace(`${folder}/`, ''));
  }
}

const satisfaction = (settings: string): string => `pipelines:\n  olist-satisfaction:\n${settings}`;

test('a pipeline without settings is as declared', async () => {
  const of = await load(satisfaction('    threshold: { fixed: 0.4 }'));
  const plain = loadPipelines({ folders: [builtIn] });
  expect(of('olist-score')).toEqual(plain.get(pipelineNameSchema.parse('olist-score')));
  expect(of('olist-score').settings).toEqual({ sha256: null, changes: [] });
});

test('parameters get new defaults, the built-in ones too', async () => {
  const of = await load(
    satisfaction('    parameters: { minRocAuc: 0.7, testShare: 0.25, salt: ours, candidates: [logistic] }'),
  );
  expect(resolveParameters(of('olist-satisfaction'))).toMatchObject({
    minRocAuc: 0.7,
    minAccuracy: 0.65,
    testShare: 0.25,
    salt: 'ours',
    candidates: ['logistic'],
  });
  expect(resolveParameters(of('olist-satisfaction'), { candidates: ['random-forest'] })).toMatchObject({
    candidates: ['random-forest'],
  });
});

test('maps merge by key, lists and the threshold replace, null removes', async () => {
  const of = await load(
    satisfaction(`    threshold: { maximise: f1 }
    gate:
      bars: [{ metric: rocAuc, min: 0.6 }]
      beatBaselineOn: null
      compare: { level: 0.1 }
    retrain: { maxAgeDays: 7 }
    schedule: { paused: false, cron: "0 2 * * mon" }`),
  );
  const pipeline = of('olist-satisfaction');
  expect(pipeline).toMatchObject({
    threshold: { maximise: 'f1' },
    retrain: { maxAgeDays: 7 },
    schedule: { cron: '0 2 * * mon', timezone: 'America/Sao_Paulo', paused: false },
  });
  expect(pipeline.gate).toEqual({
    bars: [{ metric: 'rocAuc', min: 0.6 }],
    compare: { metric: 'championScore', level: 0.1, minRows: 200 },
  });
  expect((await load(satisfaction('    schedule: null')))('olist-satisfaction').schedule).toBeUndefined();
});

test('bounds are those of requests, and of a regression’s target', async () => {
  const of = await load(`pipelines:
  olist-score:
    bounds:
      price: { max: 200 }
      n_items: { max: null }
      review_score: { min: 2 }`);
  const pipeline = of('olist-score');
  expect(pipeline).toMatchObject({ target: { min: 2, max: 5 } });
  const { schema } = instanceSchema(pipeline);
  expect(schema.safeParse({ ...pipeline.example, price: 201 }).error?.issues).toMatchObject([
    { path: ['price'], message: 'Too big: expected number to be <=200' },
  ]);
  expect(schema.safeParse({ ...pipeline.example, n_items: 5_000 }).success).toBe(true);
});

test('what the settings changed is told with both values; what they repeat is not', async () => {
  const of = await load(
    satisfaction(`    threshold: { fixed: 0.45 }
    parameters: { minRocAuc: 0.65, testShare: 0.3 }
    bounds: { price: { min: 0, max: 20000 } }
    gate: { compare: null }`),
  );
  expect(of('olist-satisfaction').settings.changes).toEqual([
    { key: 'parameters.testShare', declared: 0.2, value: 0.3 },
    { key: 'bounds.price.max', declared: 1_000_000, value: 20_000 },
    { key: 'threshold', declared: { fixed: 0.4, costs: { dissatisfied: 2.5 } }, value: { fixed: 0.45 } },
    {
      key: 'gate.compare',
      declared: { metric: 'championScore', level: 0.05, minRows: 200 },
      value: null,
    },
  ]);
});

test('the hash is of what bears on the pipeline’s runs: not comments, order, schedule or other pipelines', async () => {
  const hashOf = async (text: string) => (await load(text))('olist-satisfaction').settings.sha256;
  const hash = await hashOf(
    satisfaction('    threshold: { fixed: 0.45 }\n    parameters: { minRocAuc: 0.7 }'),
  );
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  const same = satisfaction(`    parameters: { minRocAuc: 0.7 } # ours
    schedule: { paused: false }
    threshold:
      fixed: 0.450
  olist-score:
    parameters: { minR2: 0.2 }`);
  expect(await hashOf(same)).toBe(hash);
  expect(await hashOf(satisfaction('    threshold: { fixed: 0.46 }'))).not.toBe(hash);
  expect(await hashOf(satisfaction('    schedule: { paused: false }'))).toBeNull();
});

test('new tiers are no reason to retrain, a new threshold is', async () => {
  const hashOf = async (text: string) => (await load(satisfaction(text)))('olist-satisfaction').hash;
  const declared = await hashOf('    {}');
  expect(await hashOf('    tiers: [{ name: all, title: All, from: 0, action: none }]')).toBe(declared);
  expect(await hashOf('    schedule: { paused: false }')).toBe(declared);
  expect(await hashOf('    threshold: { fixed: 0.45 }')).not.toBe(declared);
});

const at = 'pipelines.olist-satisfaction';
test.each<[rule: string, settings: string, problem: string]>([
  [
    'a YAML error',
    '    threshold: { fixed: 0.4',
    'perennial.yaml:3:28: Flow map in block collection must be sufficiently indented and end with a }',
  ],
  ['an unknown key', '    treshold: { fixed: 0.4 }', `perennial.yaml:3:5: ${at}.treshold: unknown key`],
  [
    'a key that only declarations have',
    '    selection: { folds: 3 }',
    `perennial.yaml:3:5: ${at}.selection: unknown key`,
  ],
  [
    'an unknown key of a map',
    '    gate: { compare: { levels: 0.1 } }',
    `perennial.yaml:3:24: ${at}.gate.compare.levels: unknown key`,
  ],
  [
    'an unknown parameter',
    '    parameters: { minR2: 0.1 }',
    `perennial.yaml:3:19: ${at}.parameters.minR2: unknown parameter "minR2"; known: minRocAuc, minAccuracy, minChampionScore, testShare, salt, candidates`,
  ],
  [
    'a parameter out of its own range',
    '    parameters: { minRocAuc: 1.5 }',
    `perennial.yaml:3:19: ${at}.parameters.minRocAuc: Too big: expected number to be <=1`,
  ],
  [
    'a parameter of another type',
    '    parameters: { minRocAuc: high }',
    `perennial.yaml:3:19: ${at}.parameters.minRocAuc: Invalid input: expected number, received string`,
  ],
  [
    'a built-in parameter out of its range',
    '    parameters: { testShare: 0.9 }',
    `perennial.yaml:3:19: ${at}.parameters.testShare: Too big: expected number to be <=0.5`,
  ],
  [
    'an unknown candidate',
    '    parameters: { candidates: [lgbm] }',
    `perennial.yaml:3:32: ${at}.parameters.candidates.0: unknown candidate "lgbm"; known: logistic, decision-tree, random-forest, gradient-boosting`,
  ],
  [
    'a threshold out of range',
    '    threshold: { fixed: 1.4 }',
    `perennial.yaml:3:18: ${at}.threshold.fixed: Too big: expected number to be <=1`,
  ],
  [
    'a threshold that maximises no metric',
    '    threshold: { maximise: f9 }',
    `perennial.yaml:3:18: ${at}.threshold.maximise: unknown metric "f9"; known: `,
  ],
  [
    'two forms of a threshold',
    '    threshold: { fixed: 0.4, maximise: f1 }',
    `perennial.yaml:3:30: ${at}.threshold.maximise: unknown key`,
  ],
  [
    'tiers not from high to low',
    '    tiers:\n      - { name: a, title: A, from: 0.2, action: x }\n      - { name: b, title: B, from: 0.5, action: x }\n      - { name: c, title: C, from: 0, action: x }',
    `perennial.yaml:5:30: ${at}.tiers.1.from: 0.5 is not below the 0.2 of "a": tiers are listed from high to low`,
  ],
  [
    'tiers that leave a gap at the end',
    '    tiers: [{ name: a, title: A, from: 0.2, action: x }]',
    `perennial.yaml:3:34: ${at}.tiers.0.from: the last tier begins at 0.2: probabilities below it would have none`,
  ],
  [
    'a bar on no metric',
    '    gate: { bars: [{ metric: r2, min: 0.1 }] }',
    `perennial.yaml:3:22: ${at}.gate.bars.0.metric: unknown metric "r2"; known: `,
  ],
  [
    'a bar on an unknown parameter',
    '    gate: { bars: [{ metric: rocAuc, min: { parameter: minR2 } }] }',
    `perennial.yaml:3:45: ${at}.gate.bars.0.min.parameter: unknown parameter "minR2"; known: `,
  ],
  [
    'bounds of an unknown column',
    '    bounds: { weight: { max: 3 } }',
    `perennial.yaml:3:15: ${at}.bounds.weight: unknown column "weight"; known: `,
  ],
  [
    'a bound that the kind of the column has not',
    '    bounds: { payment_type: { max: 3 } }',
    `perennial.yaml:3:31: ${at}.bounds.payment_type.max: is for a number; the column is a category`,
  ],
  [
    'levels of a number',
    '    bounds: { price: { oneOf: [a] } }',
    `perennial.yaml:3:24: ${at}.bounds.price.oneOf: is for a category; the column is a number`,
  ],
  [
    'a minimum above the declared maximum',
    '    bounds: { n_items: { min: 2000 } }',
    `perennial.yaml:3:26: ${at}.bounds.n_items.min: the minimum 2000 is above the maximum 1000`,
  ],
  [
    'a bound that excludes the example',
    '    bounds: { price: { max: 100 } }',
    `perennial.yaml:3:15: ${at}.bounds.price: example.price: Too big: expected number to be <=100`,
  ],
  [
    'a bad cron field',
    '    schedule: { cron: "99 * * * *" }',
    `perennial.yaml:3:17: ${at}.schedule.cron: minute "99": "99" is no number from 0 to 59`,
  ],
  [
    'a source of no known form',
    '    schedule: { source: "ftp:x" }',
    `perennial.yaml:3:17: ${at}.schedule.source: "ftp:x" is no source`,
  ],
])('refuses %s by file, line, column and key', async (_, settings, problem) => {
  const found = await problems(satisfaction(settings));
  expect(found).toEqual([expect.stringContaining(problem)]);
});

test('new bounds are taken with an example that they allow', async () => {
  const of = await load(satisfaction('    bounds: { price: { max: 100 } }\n    example: { price: 99 }'));
  expect(of('olist-satisfaction').example).toMatchObject({ price: 99, freight_value: 18.4 });
});

test('refuses a pipeline that is not there', async () => {
  expect(await problems('pipelines:\n  olist:\n    parameters: {}')).toEqual([
    'perennial.yaml:2:3: pipelines.olist: unknown pipeline "olist"; known: customer-segments, lead-conversion, olist-reviews, olist-satisfaction, olist-score, review-insights',
  ]);
});

test('refuses tiers and threshold of a task without them, each on its own line', async () => {
  const text = 'pipelines:\n  olist-score:\n    threshold: { fixed: 0.5 }\n    tiers: []';
  expect(await problems(text)).toEqual([
    'perennial.yaml:3:5: pipelines.olist-score.threshold: a regression task has none',
    'perennial.yaml:4:5: pipelines.olist-score.tiers: a regression task has none',
  ]);
});

test('refuses a schedule of its own that is not whole', async () => {
  const text = 'pipelines:\n  rents:\n    schedule: { cron: "0 4 * * *" }';
  expect(await problems(text, [examples])).toEqual([
    'perennial.yaml:3:5: pipelines.rents.schedule.source: is missing',
  ]);
});

test('refuses a file that is absent, empty or a list', async () => {
  const missing = () => loadPipelines({ folders: [builtIn], settingsFile: file });
  expect(missing).toThrow(`${file}:1:1: there is no such settings file`);
  expect(await problems('')).toEqual(['perennial.yaml:1:1: must be a mapping of keys']);
  expect(await problems('- a')).toEqual(['perennial.yaml:1:1: must be a mapping of keys']);
});

test('refuses a file that may not be read, and a folder in its place', async () => {
  const refused = () => loadPipelines({ folders: [builtIn], settingsFile: file });
  await writeFile(file, 'pipelines: {}', { mode: 0 });
  await asOrdinaryUser(folder, () => {
    expect(refused).toThrow(`${file}:1:1: this process has no permission to read the settings file`);
  });
  await rm(file);
  await mkdir(file);
  expect(refused).toThrow(`${file}:1:1: a folder stands in place of the settings file`);
});

test('the example of the guide loads', () => {
  const loaded = loadPipelines({ folders: [builtIn], settingsFile: join(examples, 'perennial.yaml') });
  const changed = [...loaded].flatMap(
    ([
      name,
      {
        settings: { changes },
      },
    ]) => (changes.length === 0 ? [] : [[name, changes.length]]),
  );
  expect(changed).toEqual([
    ['olist-satisfaction', 10],
    ['olist-score', 1],
  ]);
});
