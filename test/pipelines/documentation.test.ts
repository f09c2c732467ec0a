import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPipelines } from '../../pipelines/registry.ts';

const page = fileURLToPath(new URL('../../docs/pipelines.md', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-documented-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('the pipeline that the documentation shows can be loaded as it stands there', async () => {
  const text = await readFile(page, 'utf8');
  const [yaml] = [...text.matchAll(/^```yaml\n(name: [\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
  const [sql] = [...text.matchAll(/^```sql\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
  const name = /^name: (.*)$/m.exec(yaml ?? '')?.[1] ?? '';
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, 'pipeline.yaml'), yaml ?? '');
  await writeFile(join(folder, name, 'rows.sql'), sql ?? '');
  expect([...loadPipelines({ folders: [folder] }).keys()]).toEqual(['late-parcels']);
});

test('the documentation names every top-level key of a declaration', async () => {
  const text = await readFile(page, 'utf8');
  const [score] = [...loadPipelines({ folders: [join(page, '../../pipelines')] }).values()];
  const keys = Object.keys(score ?? {}).filter((key) => !['folder', 'sqlTexts', 'hash'].includes(key));
  expect(keys.filter((key) => !text.includes(`\`${key}\``))).toEqual([]);
});
