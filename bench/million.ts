import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findUploadFiles } from '../cli/upload.ts';
import type { RunProgress } from '../contracts/http/runs.ts';
import { generateDemo } from '../data/demo/registry.ts';
import { followRun } from './follow-run.ts';
import { type OwnService, startOwnService } from './own-service.ts';

/**
 * Question: does a table ten times as long take ten times as long, and how much memory?
 *
 * The demo shop with 100,000 and with 1,000,000 orders, each from its CSV files to a promoted champion of `olist-score`
 * with all its candidates and folds, by a service of its own after a small run to warm it up. Printed: seconds of each
 * step at both sizes, the ratio of the time a row, and the most memory that all processes of the service held together
 * while the step ran (PSS; on Linux only). Time counts from the first byte of the upload to the promotion.
 */

const pipeline = 'olist-score';
const warmUpRows = 5_000;

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    beside: { type: 'string', default: '100000' },
    folder: { type: 'string' },
  },
});
const sizes = [Number(options.beside), Number(options.rows)] as const;
if (!sizes.every((rows) => Number.isInteger(rows) && rows >= warmUpRows))
  throw new Error(
    `usage: million [--rows 1000000] [--beside 100000] [--folder ROOM_FOR_5_GB]; rows from ${warmUpRows} on`,
  );

type Step = { seconds: number; peakBytes: number };
type Deployment = { rows: number; seconds: number; peakBytes: number; steps: ReadonlyMap<string, Step> };

const folder = await mkdtemp(join(resolve(options.folder ?? tmpdir()), 'perennial-million-'));
const service = await startOwnService(join(folder, 'home'));
try {
  await deploy(service, warmUpRows);
  const [small, large] = [await deploy(service, sizes[0]), await deploy(service, sizes[1])];
  printSteps(small, large);
  const ratio = large.seconds / large.rows / (small.seconds / small.rows);
  print(
    `CSV to promoted champion: ${small.seconds.toFixed(0)} s for ${small.rows} orders, ${large.seconds.toFixed(0)} s for ${large.rows}; ` +
      `a row takes ${ratio.toFixed(2)} times as long`,
  );
  if (service.memory === null) print('memory: not measured, for this is not Linux');
  else print(`most memory: ${gigabytes(small.peakBytes)} GB and ${gigabytes(large.peakBytes)} GB`);
} finally {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
}

async function deploy({ client, memory }: OwnService, rows: number): Promise<Deployment> {
  const data = join(folder, `olist-${rows}`);
  await generateDemo({ name: 'olist', rows, seed: 7, folder: data });
  const startedMs = Date.now();
  const { source } = await client.upload(await findUploadFiles(data));
  const uploadedMs = Date.now();
  await rm(data, { recursive: true });
  const { runId } = await client.startRun(pipeline, { source }, undefined);
  const run = await followRun(client, runId);
  const promotion = run.steps.find(({ step }) => step === 'promoteModel');
  // Candidates that fail are left out of the choice; here none may.
  const failed = run.steps.find(({ status }) => status !== 'succeeded');
  if (promotion === undefined || failed !== undefined)
    throw new Error(`${rows} orders: ${failed?.step ?? 'promoteModel'} did not succeed; ${describe(run)}`);

  const stepOf = (fromMs: number, toMs: number): Step => ({
    seconds: (toMs - fromMs) / 1000,
    peakBytes: memory?.peakBytes({ fromMs, toMs }) ?? 0,
  });
  const steps = new Map([['upload', stepOf(startedMs, uploadedMs)]]);
  for (const { step, startedAt, endedAt } of run.steps)
    steps.set(step, stepOf(Date.parse(startedAt), Date.parse(endedAt ?? startedAt)));
  const promotedMs = Date.parse(promotion.endedAt ?? promotion.startedAt);
  const { seconds } = stepOf(startedMs, promotedMs);
  return { rows, seconds, peakBytes: stepOf(startedMs, Date.now()).peakBytes, steps };
}

function describe({ status, failure, outcomeReason }: RunProgress): string {
  return `the run is ${status} ${failure?.message ?? outcomeReason ?? ''}`.trim();
}

function printSteps(small: Deployment, large: Deployment): void {
  const width = Math.max(...[...large.steps.keys()].map((step) => step.length));
  print(`${'step'.padEnd(width)} ${small.rows} rows, s  ${large.rows} rows, s  a row  peak GB`);
  for (const [name, step] of large.steps) {
    const beside = small.steps.get(name);
    const ratio =
      beside === undefined ? Number.NaN : step.seconds / large.rows / (beside.seconds / small.rows);
    const cells = [
      (beside?.seconds ?? Number.NaN).toFixed(1).padStart(`${small.rows} rows, s`.length),
      step.seconds.toFixed(1).padStart(`${large.rows} rows, s`.length + 1),
      ratio.toFixed(2).padStart(6),
      gigabytes(step.peakBytes).padStart(8),
    ];
    print(`${name.padEnd(width)} ${cells.join(' ')}`);
  }
}

function gigabytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(2);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
