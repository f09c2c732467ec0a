import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { generateDemo } from '../../data/demo/registry.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-leads-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function generate(options: { rows: number; seed: number; signal?: AbortSignal }): Promise<string> {
  const { files } = await generateDemo({ name: 'leads', folder, ...options });
  expect(files).toEqual([{ name: 'raw_data.csv', path: join(folder, 'raw_data.csv'), rows: options.rows }]);
  return readFile(join(folder, 'raw_data.csv'), 'utf8');
}

const share = (values: readonly string[], is: (value: string) => boolean): number =>
  values.filter(is).length / values.length;

test('gives the same bytes for the same seed, and others for another', async () => {
  const first = await generate({ rows: 300, seed: 7 });
  expect(await generate({ rows: 300, seed: 7 })).toBe(first);
  expect(await generate({ rows: 300, seed: 8 })).not.toBe(first);
});

test('holds what the published leads hold, and what they lack: other months and missing ids', async () => {
  const [header, ...lines] = (await generate({ rows: 5000, seed: 7 })).trimEnd().split('\n');
  const columns = (header ?? '').split(',');
  const cells = lines.map((line) => line.split(','));
  const column = (name: string) => cells.map((row) => row[columns.indexOf(name)] ?? '');
  const dates = column('date_part');

  expect(columns).toHaveLength(19);
  expect(share(dates, (date) => /^2024-0?1-/.test(date))).toBeCloseTo(0.55, 1);
  expect(share(dates, (date) => /-0?\d-|-\d$/.test(date) && !/^\d{4}-\d\d-\d\d$/.test(date))).toBeGreaterThan(
    0.2,
  );
  expect(share(column('source'), (source) => source === 'signup')).toBeCloseTo(0.25, 1);
  expect(share(column('lead_indicator'), (value) => value === '')).toBeCloseTo(0.048, 1);
  expect(share(column('lead_indicator'), (value) => value === '1')).toBeGreaterThan(0.3);
  const ids = column('lead_id').filter((id) => id !== '');
  expect(ids.length).toBeLessThan(5000);
  expect(new Set(ids).size).toBe(ids.length);
});

test('stops when it is told to', async () => {
  const reason = new Error('no longer wanted');
  const stopped = generate({ rows: 1e6, seed: 1, signal: AbortSignal.abort(reason) });
  await expect(stopped).rejects.toBe(reason);
});
