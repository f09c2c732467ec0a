import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Blocks } from '../ml/blocks.ts';
import { peerProgram } from './peer-program.ts';

const run = promisify(execFile);
const printedSchema = z.object({ version: z.string(), seconds: z.number() });

export type LightGbmContributions = z.infer<typeof printedSchema> & {
  /** Rows × (columns + 1), the expected value last. */
  contributions: Float64Array;
  /** Raw scores, one a row. */
  raw: Float64Array;
};

/** Why this Python cannot be asked; null where it can. */
export async function whyNoLightGbm(python: string): Promise<string | null> {
  try {
    await run(python, ['-c', 'import lightgbm']);
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
    return `${python} has no lightgbm: ${reason}`;
  }
}

/** Explains rows by LightGBM, from the text of a model. @param seconds of processor time, one thread */
export async function contributionsByLightGbm(
  python: string,
  model: string,
  blocks: Blocks,
): Promise<LightGbmContributions> {
  const script = peerProgram('contributions.py');
  const folder = await mkdtemp(join(tmpdir(), 'perennial-contributions-'));
  try {
    const [modelPath, rowsPath, out] = ['model.txt', 'rows.f64', 'out.f64'].map((name) => join(folder, name));
    if (modelPath === undefined || rowsPath === undefined || out === undefined)
      throw new Error('three paths');
    const { width, values } = denseRows(blocks);
    await writeFile(modelPath, model);
    await writeFile(rowsPath, values);
    const { stdout } = await run(python, [script, modelPath, rowsPath, String(width), out]);
    const printed = printedSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
    return { ...printed, contributions: await readDoubles(out), raw: await readDoubles(`${out}.raw`) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function readDoubles(path: string): Promise<Float64Array> {
  const bytes = Uint8Array.from(await readFile(path));
  return new Float64Array(bytes.buffer);
}

/** Dense columns, then codes as numbers; missing ones are NaN. */
function denseRows({ rows, dense, codes }: Blocks): { width: number; values: Float64Array } {
  const width = dense.names.length + codes.names.length;
  const values = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const from = row * dense.names.length;
    values.set(dense.values.subarray(from, from + dense.names.length), row * width);
    for (let column = 0; column < codes.names.length; column++) {
      const code = codes.values[row * codes.names.length + column] as number;
      values[row * width + dense.names.length + column] = code < 0 ? Number.NaN : code;
    }
  }
  return { width, values };
}
