import { parseArgs } from 'node:util';
import { createClient } from '../cli/client.ts';
import { findUploadFiles } from '../cli/upload.ts';
import { readConfig } from '../config/config.ts';
import { followRun } from './follow-run.ts';

/**
 * Question: what does orchestration cost? Runs of `olist-score` with the linear learner and `kind: train` on a
 * running service: seconds from the POST to the start of the first step, from the POST to the registered version,
 * and what of that was not spent inside an activity. The first run warms the process and is not counted.
 */

const { values: options } = parseArgs({
  options: { data: { type: 'string' }, runs: { type: 'string', default: '7' } },
});
if (options.data === undefined) throw new Error('usage: run-latency --data OLIST_FOLDER [--runs 7]');
const client = createClient(readConfig().client);
const { source } = await client.upload(await findUploadFiles(options.data));

type Timing = { firstStep: number; registered: number; activities: number; orchestration: number };
const timings: Timing[] = [];
for (let run = 0; run <= Number(options.runs); run++) {
  const timing = await time(run);
  if (run > 0) timings.push(timing);
}
for (const key of ['firstStep', 'registered', 'activities', 'orchestration'] as const) {
  const values = timings.map((timing) => timing[key]).sort((a, b) => a - b);
  const at = (share: number) => (values[Math.round(share * (values.length - 1))] ?? Number.NaN).toFixed(3);
  process.stdout.write(`${key.padEnd(14)} min ${at(0)} s  median ${at(0.5)} s  max ${at(1)} s\n`);
}

async function time(seed: number): Promise<Timing> {
  const postedMs = Date.now();
  // Every run does all its work.
  const body = {
    kind: 'train' as const,
    source,
    parameters: { candidates: ['linear'] },
    seed,
    cache: false,
  };
  const { runId } = await client.startRun('olist-score', body, undefined);
  const { status, steps } = await followRun(client, runId);
  if (status !== 'succeeded') throw new Error(`run ${runId} ended ${status}`);
  const endOf = ({ startedAt, endedAt }: (typeof steps)[number]): number => Date.parse(endedAt ?? startedAt);
  const registration = steps.find(({ step }) => step === 'registerModel');
  if (registration === undefined) throw new Error(`run ${runId} registered no version`);
  const lastMs = endOf(registration);
  // The version is explained once it is registered.
  const spans = steps
    .map((step) => ({ fromMs: Date.parse(step.startedAt), toMs: endOf(step) }))
    .filter(({ toMs }) => toMs <= lastMs);
  const firstMs = Math.min(...spans.map(({ fromMs }) => fromMs));
  const activities = covered(spans) / 1000;
  const registered = (lastMs - postedMs) / 1000;
  return {
    firstStep: (firstMs - postedMs) / 1000,
    registered,
    activities,
    orchestration: registered - activities,
  };
}

/** Milliseconds in which at least one of the spans was under way. */
function covered(spans: readonly { fromMs: number; toMs: number }[]): number {
  let total = 0;
  let reachedMs = Number.NEGATIVE_INFINITY;
  for (const { fromMs, toMs } of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    total += Math.max(0, toMs - Math.max(fromMs, reachedMs));
    reachedMs = Math.max(reachedMs, toMs);
  }
  return total;
}
