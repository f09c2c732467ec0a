import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { projectRoot } from '../../config/paths.ts';
import { openPipelines, type Pipelines } from '../../pipelines/open-pipelines.ts';

const builtIn = [
  'customer-segments',
  'lead-conversion',
  'olist-reviews',
  'olist-satisfaction',
  'olist-score',
  'review-insights',
];
let home: string;
let own: string;
let refusals: string[];
let pipelines: Pipelines;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'perennial-open-'));
  own = join(home, 'pipelines');
  refusals = [];
  pipelines = openPipelines(
    { ownPipelinesDir: own, pipelinesDir: undefined, settingsFile: undefined },
    ({ message }) => refusals.push(message),
  );
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(home, { recursive: true });
});

/** A copy of `customer-segments` under another name, put in its place whole. */
async function add(name: string, change: (yaml: string) => string = (yaml) => yaml): Promise<void> {
  const draft = join(home, name);
  await cp(join(projectRoot, 'pipelines/customer-segments'), draft, { recursive: true });
  const file = join(draft, 'pipeline.yaml');
  const yaml = (await readFile(file, 'utf8')).replace('name: customer-segments', `name: ${name}`);
  await writeFile(file, change(yaml));
  await mkdir(own, { recursive: true });
  await rename(draft, join(own, name));
}

test('knows what is there at the start', () => {
  expect([...pipelines.keys()].sort()).toEqual(builtIn);
  expect(pipelines.get('shoppers')).toBeUndefined();
});

test('takes up a folder that is added, when it is asked for and when all are listed', async () => {
  await add('shoppers');
  expect(pipelines.get('shoppers')).toMatchObject({ name: 'shoppers', folder: join(own, 'shoppers') });
  await add('members');
  expect([...pipelines.keys()]).toEqual(expect.arrayContaining([...builtIn, 'shoppers', 'members']));
  expect(refusals).toEqual([]);
});

test('leaves what it knows as it was read', async () => {
  await add('shoppers');
  const before = pipelines.get('shoppers');
  const file = join(own, 'shoppers', 'pipeline.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('title: Customer', 'title: Other'));
  await add('members');
  expect(pipelines.has('members')).toBe(true);
  expect(pipelines.get('shoppers')).toBe(before);
});

test('says what is wrong with an added folder, keeps the others, and takes it up once it is mended', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  await add('shoppers', (yaml) => yaml.replace('task: clustering', 'task: guessing'));
  expect(pipelines.get('shoppers')).toBeUndefined();
  expect(refusals).toEqual([expect.stringMatching(/shoppers\/pipeline\.yaml:\d+.*task/)]);
  expect([...pipelines.keys()].sort()).toEqual(builtIn);
  expect(refusals).toHaveLength(1);

  const file = join(own, 'shoppers', 'pipeline.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('task: guessing', 'task: clustering'));
  vi.advanceTimersByTime(2_000);
  expect(pipelines.has('shoppers')).toBe(true);
});
