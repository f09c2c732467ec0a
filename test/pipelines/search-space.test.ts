import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projectRoot } from '../../config/paths.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import type { LoadedPipeline } from '../../pipelines/load-pipeline.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { settingsSnippet } from '../../pipelines/settings-snippet.ts';
import { InvalidPipelines } from '../../pipelines/yaml-file.ts';

const declared = 'search: { l2: { type: number, from: 0.01, to: 1000, scale: log, steps: 6 } }';
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-spaces-'));
  for (const name of ['olist', 'olist-score'])
    await cp(join(projectRoot, 'pipelines', name), join(folder, name), { recursive: true });
  file = join(folder, 'olist-score', 'pipeline.yaml');
});
afterEach(() => rm(folder, { recursive: true }));

function load(settingsFile?: string): LoadedPipeline {
  const loaded = loadPipelines({ folders: [folder], settingsFile }).get(
    pipelineNameSchema.parse('olist-score'),
  );
  if (loaded === undefined) throw new Error('olist-score is declared');
  return loaded;
}

/** Replaces the space of the linear candidate. */
async function declare(space: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  expect(text).toContain(declared);
  await writeFile(file, text.replace(declared, space));
}

test.each([
  [
    'a parameter that the learner does not have',
    'search: { l3: { type: integer, from: 1, to: 2 } }',
    /^olist-score\/pipeline\.yaml:\d+:\d+: candidates\.linear\.search\.l3: "linear" has no parameter of this name$/,
  ],
  [
    'an end that the learner refuses',
    'search: { l2: { type: number, from: -1, to: 2 } }',
    /:\d+:\d+: candidates\.linear\.search\.l2\.from: Too small: expected number to be >=0$/,
  ],
  [
    'a choice of another type',
    'search: { l2: { type: choice, of: [1, much] } }',
    /candidates\.linear\.search\.l2\.of\.1: Invalid input: expected number, received string$/,
  ],
  [
    'a log scale from 0',
    'search: { l2: { type: number, from: 0, to: 2, scale: log } }',
    /candidates\.linear\.search\.l2\.from: must be above 0 on a log scale$/,
  ],
  [
    'folds without a space',
    'searchFolds: 3',
    /candidates\.linear\.searchFolds: there is no "search" space to measure trials of$/,
  ],
  ['a space of nothing', 'search: {}', /candidates\.linear\.search: names no parameter$/],
])('names the place of %s', async (_, space, problem) => {
  await declare(space);
  let message = '';
  try {
    load();
  } catch (error) {
    if (!(error instanceof InvalidPipelines)) throw error;
    message = error.message.replace(`${folder}/`, '');
  }
  expect(message).toMatch(problem);
});

test('refuses greatest values that the learner takes one by one, but not together', async () => {
  const text = await readFile(file, 'utf8');
  const most = 'rounds: { type: integer, from: 10, to: 5000 }, bags: { type: integer, from: 1, to: 20 }, ';
  const leaves = 'maxLeaves: { type: integer, from: 3, to: 1024 }';
  await writeFile(
    file,
    text.replace(
      /( {2}gradient-boosting:[\s\S]*?) {4}search:\n(?: {6}.*\n)+/,
      `$1    search: { ${most}${leaves} }\n`,
    ),
  );
  expect(load).toThrow(/candidates\.gradient-boosting\.search: together, as .*would pass the/);
});

test('is no reason to train anew', async () => {
  const { hash } = load();
  await declare('search: { l2: { type: number, from: 1, to: 2 } }');
  expect(load().hash).toBe(hash);
});

test('what a search found is a settings file that is taken as it is, null values too', async () => {
  const settingsFile = join(folder, 'perennial.yaml');
  const params = { learningRate: 0.0213, maxLeaves: 9, earlyStopping: null };
  await writeFile(
    settingsFile,
    settingsSnippet('olist-score', {
      trial: 3,
      candidate: 'gradient-boosting',
      learner: 'gradient-boosting',
      params,
      selectionScore: 0.51234567,
      metrics: {},
    }),
  );
  const { candidates, settings } = load(settingsFile);
  expect(candidates['gradient-boosting']?.params).toEqual(params);
  expect(settings.changes).toEqual([
    { key: 'candidates.gradient-boosting.params', declared: {}, value: params },
  ]);
});

test('settings may give parameters to candidates that there are, and only such as their learners take', async () => {
  const settingsFile = join(folder, 'perennial.yaml');
  const refusalOf = async (candidates: string): Promise<string> => {
    await writeFile(settingsFile, `pipelines: { olist-score: { candidates: ${candidates} } }`);
    try {
      load(settingsFile);
      return '';
    } catch (error) {
      return error instanceof InvalidPipelines ? error.message.replace(`${folder}/`, '') : String(error);
    }
  };
  expect(await refusalOf('{ liner: { params: {} } }')).toContain('unknown candidate "liner"');
  expect(await refusalOf('{ linear: { params: { l2: -1 } } }')).toMatch(
    /^perennial\.yaml:1:\d+: pipelines\.olist-score\.candidates\.linear\.params\.l2: Too small/,
  );
});
