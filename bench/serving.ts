import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createClient } from '../cli/client.ts';
import { readConfig } from '../config/config.ts';
import { predictResponseSchema } from '../contracts/http/predictions.ts';
import { type HttpPeer, startEcho, startFastApi } from './http-peers.ts';
import { type LoadResult, load, quantile, type WireRequest, wireRequest } from './load.ts';
import { median } from './paired.ts';

/**
 * Question: how many predictions a second, each stored before its answer, against FastAPI that stores nothing?
 *
 * One row a request, on a running service with a model in production; the peer, and a bare Hono echo as the floor,
 * are started here. All are asked in turn, in rounds, by the same client on the same machine. Then small requests
 * are measured while one of ten thousand rows after the other runs beside them, and at the end every id that was
 * answered is looked for in the database.
 */

const usage =
  'usage: serving --data OLIST_FOLDER [--python python3] [--pipeline olist-satisfaction] [--rounds 3] [--seconds 4]';
const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string' },
    pipeline: { type: 'string', default: 'olist-satisfaction' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
  },
});
if (options.data === undefined) throw new Error(usage);
const seconds = Number(options.seconds);
const { client: service } = readConfig();
const client = createClient(service);
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

const { example, production } = await describe(options.pipeline);
say(
  `${options.pipeline} version ${production} at ${service.url}, ${options.rounds} rounds of ${seconds} s each`,
);
const predictUrl = new URL(`/api/v1/models/${options.pipeline}/predict`, service.url);
const headers: Record<string, string> =
  service.apiKey === undefined ? {} : { authorization: `Bearer ${service.apiKey}` };
const asking = (instances: readonly unknown[]): WireRequest =>
  wireRequest(predictUrl, JSON.stringify({ instances }), headers);
const one = asking([example]);
const answered = new Set<string>();
const startedAt = new Date().toISOString();
const remember = (body: string): void => {
  for (const { id } of predictResponseSchema.parse(JSON.parse(body)).predictions) answered.add(id);
};

const peers = new Map<string, HttpPeer>([
  ['echo', await startEcho(JSON.stringify({ instances: [example] }))],
]);
const fastApi = await startPeer();
if (fastApi !== undefined) peers.set('fastapi', fastApi);
try {
  const requests = new Map<string, WireRequest>([
    ['ours', one],
    ...[...peers].map(([name, { url, body }]) => [name, wireRequest(url, body)] as const),
  ]);
  for (const request of requests.values()) await load(request, { connections: 16, seconds: 2 });
  for (const connections of [1, 16]) await compare(requests, connections);
} finally {
  for (const peer of peers.values()) await peer.stop();
}
await beside();
await verify();

async function describe(pipeline: string) {
  const { items } = await client.models();
  const model = items.find((item) => item.pipeline === pipeline);
  if (model === undefined || model.production === null)
    throw new Error(`${pipeline} has no version in production; run it first: perennial run ${pipeline}`);
  const detail = await client.pipeline(pipeline);
  return { example: detail.example, production: model.production };
}

async function startPeer(): Promise<HttpPeer | undefined> {
  if (options.python === undefined || options.data === undefined) {
    say('FastAPI: skipped, for no --python was given');
    return undefined;
  }
  return startFastApi({ python: options.python, data: resolve(options.data) });
}

/** Answers with a failure would make any figure better. */
function succeeded(result: LoadResult): LoadResult {
  if (result.failed > 0) throw new Error(`${result.failed} requests failed: ${result.failures.join('; ')}`);
  return result;
}

async function compare(requests: ReadonlyMap<string, WireRequest>, connections: number): Promise<void> {
  const results = new Map<string, LoadResult[]>();
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [name, request] of requests) {
      // Parsing our answers is the client's work, and is done once the clock has stopped.
      const bodies: string[] = [];
      const onAnswer = name === 'ours' ? (body: string) => void bodies.push(body) : () => undefined;
      const result = succeeded(await load(request, { connections, seconds, onAnswer }));
      bodies.forEach(remember);
      results.set(name, [...(results.get(name) ?? []), result]);
    }
  }
  say(`\n${connections} connection${connections === 1 ? '' : 's'}, medians of the rounds`);
  const ours = results.get('ours') ?? [];
  for (const [name, rounds] of results) {
    const ratio = median(
      rounds.map(({ requestsPerSecond }, round) => (ours[round]?.requestsPerSecond ?? 0) / requestsPerSecond),
    );
    say(
      [
        name.padEnd(8),
        `${median(rounds.map(({ requestsPerSecond }) => requestsPerSecond))
          .toFixed(0)
          .padStart(7)} requests/s`,
        latency(rounds),
        name === 'ours' ? '' : `ours is ${ratio.toFixed(2)} × this`,
      ].join('   '),
    );
  }
}

function latency(rounds: readonly LoadResult[]): string {
  const at = (share: number) => median(rounds.map(({ latencies }) => quantile(latencies, share))).toFixed(2);
  return `p50 ${at(0.5)} ms   p99 ${at(0.99)} ms`;
}

/** Small requests on 16 connections, alone and with ten thousand rows a request on one more. */
async function beside(): Promise<void> {
  const big = asking(Array.from({ length: 10_000 }, () => example));
  const small = async (): Promise<LoadResult> => {
    const bodies: string[] = [];
    const onAnswer = (body: string) => void bodies.push(body);
    const result = succeeded(await load(one, { connections: 16, seconds, onAnswer }));
    bodies.forEach(remember);
    return result;
  };
  await load(big, { connections: 1, seconds: 1 });
  const alone = await small();
  const bodies: string[] = [];
  const [withBig, bigs] = await Promise.all([
    small(),
    load(big, { connections: 1, seconds, onAnswer: (body) => void bodies.push(body) }),
  ]);
  succeeded(bigs);
  bodies.forEach(remember);
  say('\n16 connections, one row a request');
  say(
    `alone                          ${alone.requestsPerSecond.toFixed(0).padStart(7)} requests/s   ${latency([alone])}`,
  );
  say(
    `beside requests of 10,000 rows ${withBig.requestsPerSecond.toFixed(0).padStart(7)} requests/s   ${latency([withBig])}`,
  );
  say(
    `the big ones                   ${(bigs.requestsPerSecond * 10_000).toFixed(0).padStart(7)} rows/s       ${latency([bigs])}`,
  );
}

async function verify(): Promise<void> {
  const missing = new Set(answered);
  let cursor: string | undefined;
  do {
    const page = await client.predictions({
      pipeline: options.pipeline,
      from: startedAt,
      limit: 200,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { id } of page.items) missing.delete(id);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && missing.size > 0);
  if (missing.size > 0)
    throw new Error(`${missing.size} of ${answered.size} answered predictions are not stored`);
  say(`\nall ${answered.size} answered predictions are in the database`);
}
