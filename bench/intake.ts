import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { formatTable } from '../cli/output.ts';
import { reviewsWorkflowId } from '../contracts/ids.ts';
import { checkReview } from '../contracts/reviews.ts';
import { generateDemo } from '../data/demo/registry.ts';
import { readReviewFile } from '../data/reviews/review-files.ts';
import { followRun } from './follow-run.ts';
import { startOwnService } from './own-service.ts';

/**
 * Question: how many reviews a second are taken in, stored before the answer, and how many scored and stored, with all
 * parts on one machine? And what does the workflow of their source cost: signals, and events of its histories? The
 * floor is reading and checking the same reviews in one process, which stores nothing.
 */

const { values: options } = parseArgs({
  options: {
    reviews: { type: 'string', default: '100000' },
    /** Of one request. */
    request: { type: 'string', default: '5000' },
    /** Requests under way at a time. */
    senders: { type: 'string', default: '2' },
  },
});
const [total, requestReviews, senders] = [options.reviews, options.request, options.senders].map(Number) as [
  number,
  number,
  number,
];
const source = 'bench.example';

const folder = await mkdtemp(join(tmpdir(), 'perennial-intake-'));
// A retraining on what is taken in would be measured with it.
const settings = join(folder, 'perennial.yaml');
await writeFile(settings, 'pipelines: { review-insights: { retrain: { afterLabels: null } } }');
const service = await startOwnService(join(folder, 'home'), settings);
try {
  const { client } = service;
  const lines = await generateLines();
  const floor = checkAll(lines);
  await train();
  const startedMs = performance.now();
  await sendAll(lines);
  const acknowledged = (performance.now() - startedMs) / 1000;
  // Not by the summary, which would read all of them each time.
  while ((await client.reviews({ source, status: 'received', limit: 1 })).items.length > 0) await delay(500);
  const scored = (performance.now() - startedMs) / 1000;
  const { total: counts } = await client.reviewSummary({ source });
  if (counts.scored !== total) throw new Error(`${counts.scored} of ${total} have a score`);
  const histories = await readHistories(service.temporalAddress);
  const events = histories.map((history) => history.events);
  const signals = histories.reduce((sum, history) => sum + history.signals, 0);
  const perReview = events.reduce((sum, count) => sum + count, 0) / total;
  process.stdout.write(
    `${formatTable(
      ['', `${total} reviews`],
      [
        ['checked alone, a second', (total / floor).toFixed(0)],
        ['acknowledged, a second', (total / acknowledged).toFixed(0)],
        ['scored and stored, a second, from the first request on', (total / scored).toFixed(0)],
        ['seconds to the last acknowledgement', acknowledged.toFixed(1)],
        ['seconds to the last score', scored.toFixed(1)],
        ['signals to the workflow', String(signals)],
        ['signals a second', (signals / scored).toFixed(2)],
        ['runs of the workflow', String(histories.length)],
        ['most events of a run', String(Math.max(...events))],
        ['events of 1,000,000 reviews at this rate', (perReview * 1e6).toFixed(0)],
      ],
    )}\n`,
  );

  async function train(): Promise<void> {
    const { runId } = await client.startRun(
      'review-insights',
      {
        kind: 'deploy',
        source: 'demo:reviews?rows=4000&seed=7',
        parameters: { candidates: ['words'] },
        seed: 1,
      },
      undefined,
    );
    const { status } = await followRun(client, runId);
    if (status !== 'succeeded') throw new Error(`the run of review-insights ended ${status}`);
  }

  async function sendAll(all: readonly Uint8Array[]): Promise<void> {
    let from = 0;
    const sender = async (): Promise<void> => {
      while (from < all.length) {
        const part = all.slice(from, from + requestReviews);
        from += requestReviews;
        const { accepted, rejectedCount } = await client.sendReviews(part);
        if (accepted !== part.length)
          throw new Error(`${accepted} of ${part.length} taken, ${rejectedCount} refused`);
      }
    };
    await Promise.all(Array.from({ length: senders }, sender));
  }
} finally {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
}

async function generateLines(): Promise<Uint8Array[]> {
  const demo = join(folder, 'demo');
  const { files } = await generateDemo({ name: 'reviews', rows: total, seed: 5, folder: demo });
  const lines: Uint8Array[] = [];
  for (const { path } of files)
    await readReviewFile({
      path,
      source,
      async onRecords(records) {
        for (const record of records) if ('line' in record) lines.push(record.line);
      },
    });
  return lines;
}

/** Seconds that one process takes to read and check them. */
function checkAll(lines: readonly Uint8Array[]): number {
  const startedMs = performance.now();
  const nowMs = Date.now();
  for (const line of lines) checkReview(JSON.parse(Buffer.from(line).toString()), nowMs);
  return (performance.now() - startedMs) / 1000;
}

/** Of each run of the workflow, the last first. */
async function readHistories(address: string): Promise<{ events: number; signals: number }[]> {
  const connection = await Connection.connect({ address });
  const temporal = new Client({ connection });
  const histories: { events: number; signals: number }[] = [];
  const workflowId = reviewsWorkflowId(source);
  for await (const { runId } of temporal.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    const { events } = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    const found = events ?? [];
    histories.push({
      events: found.length,
      signals: found.filter(({ workflowExecutionSignaledEventAttributes: signal }) => signal != null).length,
    });
  }
  await connection.close();
  return histories;
}
