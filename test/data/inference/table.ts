import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type InferredTable, inferTable } from '../../../data/inference/infer-table.ts';
import { hash32 } from '../../../ml/random.ts';

/** A cell by its row; null is an empty one. */
export type Cells = (row: number) => string | number | null;

/** Uniform over [0, 1), the same for the same label and row. */
export const noise = (label: string, row: number): number => hash32(`${label} ${row}`) / 2 ** 32;

/** A number that says little of anything, so that a table has something to learn from. */
export const amount: Cells = (row) => (noise('amount', row) * 100).toFixed(2);
/** Follows the amount, with as much noise again. */
export const price: Cells = (row) => (noise('amount', row) * 100 + noise('price', row) * 100).toFixed(2);

export function csv(columns: Readonly<Record<string, Cells>>, rows = 200, delimiter = ','): string {
  const lines = Array.from({ length: rows }, (_, row) =>
    Object.values(columns)
      .map((cell) => cell(row) ?? '')
      .join(delimiter),
  );
  return `${[Object.keys(columns).join(delimiter), ...lines].join('\n')}\n`;
}

/** Path of a file that is gone at the end of the test. */
export async function tableFile(content: string | Uint8Array, name = 'table.csv'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'perennial-table-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

export async function infer(
  content: string | Uint8Array,
  options: { target?: string; keep?: readonly string[]; namesClasses?: boolean } = {},
): Promise<InferredTable> {
  return inferTable({ path: await tableFile(content), target: 'price', ...options });
}

/** A table of one column beside amount and price: what is decided of it. */
export async function useOf(cells: Cells, name = 'column') {
  const { columns } = await infer(csv({ [name]: cells, amount, price }));
  const found = columns.find(({ facts }) => facts.name === name);
  if (found === undefined) throw new Error(`there is no column ${name}`);
  return found;
}
