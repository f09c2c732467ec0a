import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { generateDemo } from '../../data/demo/registry.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

async function generate(rows: number, seed: number): Promise<{ lines: string[]; hash: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'perennial-retail-'));
  folders.push(folder);
  const { files } = await generateDemo({ name: 'retail', rows, seed, folder });
  expect(files).toEqual([{ name: 'online_retail.csv', path: join(folder, 'online_retail.csv'), rows }]);
  const text = await readFile(join(folder, 'online_retail.csv'), 'utf8');
  const hash = createHash('sha256').update(text).digest('hex');
  return { lines: text.trimEnd().split('\n'), hash };
}

test('writes as many lines as asked, the same for the same seed only', async () => {
  const [one, again, other] = [await generate(1500, 7), await generate(1500, 7), await generate(1500, 8)];
  expect(one.lines).toHaveLength(1501);
  expect(again.hash).toBe(one.hash);
  expect(other.hash).not.toBe(one.hash);
});

test('has cancellations, lines without customer and gifts, and dates as spreadsheets write them', async () => {
  const { lines } = await generate(5000, 7);
  const share = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length / 5000;
  expect(lines[0]).toBe('InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country');
  expect(share(/^C\d{6},.*,-\d+,/)).toBeCloseTo(0.02, 2);
  expect(share(/,,[^,]+$/)).toBeCloseTo(0.08, 1);
  expect(share(/,0,\d*,[^,]+$/)).toBeCloseTo(0.003, 2);
  expect(share(/,\d{1,2}\/\d{1,2}\/20\d\d \d{1,2}:\d\d,/)).toBe(1);
});
