import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { predictPath } from './valuation.ts';

/** One request of the load, by this process's clock: `performance.now()`. */
export type Outcome = { url: string; area: number; sentMs: number; endedMs: number } & (
  | { kind: 'predicted'; version: number; id: string; value: number }
  | { kind: 'refused'; status: number; retryAfter: string | undefined; body: string }
  /** No answer came: the connection was refused or cut. */
  | { kind: 'cut'; code: string }
);

export type Load = {
  /** Grows while the load runs. */
  outcomes: readonly Outcome[];
  /** Resolves when every connection has had its last answer. */
  stop(): Promise<readonly Outcome[]>;
};

const answerSchema = z.object({
  model: z.object({ version: z.int() }),
  predictions: z.tuple([z.object({ id: z.string(), value: z.number() })]),
});

/** A client that was refused waits so long, as one that heeds `Retry-After` would wait longer. */
const pauseMs = 20;

/**
 * Connections that each ask for one prediction after another, kept alive. They are spread over the URLs evenly; one
 * that is cut ends.
 */
export function startLoad(options: { urls: readonly string[]; connections: number }): Load {
  const outcomes: Outcome[] = [];
  let isDone = false;
  const connections = Array.from({ length: options.connections }, async (_, index) => {
    const url = options.urls[index % options.urls.length] ?? '';
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      for (let n = 0; !isDone; n++) {
        const outcome = await predictOnce({ url, agent, area: 1 + ((index * 31 + n * 7) % 97) });
        outcomes.push(outcome);
        if (outcome.kind === 'cut') return;
        if (outcome.kind !== 'predicted') await delay(pauseMs);
      }
    } finally {
      agent.destroy();
    }
  });
  return {
    outcomes,
    async stop() {
      isDone = true;
      await Promise.all(connections);
      return outcomes;
    },
  };
}

async function predictOnce({
  url,
  agent,
  area,
}: {
  url: string;
  agent: Agent;
  area: number;
}): Promise<Outcome> {
  const sentMs = performance.now();
  const asked = { url, area, sentMs };
  try {
    const { status, retryAfter, text } = await post({
      url: `${url}${predictPath}`,
      agent,
      body: JSON.stringify({ instances: [{ area }] }),
    });
    const endedMs = performance.now();
    if (status !== 200) return { ...asked, endedMs, kind: 'refused', status, retryAfter, body: text };
    const { model, predictions } = answerSchema.parse(JSON.parse(text));
    return { ...asked, endedMs, kind: 'predicted', version: model.version, ...predictions[0] };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
    return { ...asked, endedMs: performance.now(), kind: 'cut', code: error.code };
  }
}

type Answer = { status: number; retryAfter: string | undefined; text: string };

/** By `node:http`, whose agent holds each connection apart and shows how it ended. */
function post({ url, agent, body }: { url: string; agent: Agent; body: string }): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

export const countBy = (outcomes: readonly Outcome[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) {
    const name = outcome.kind === 'refused' ? String(outcome.status) : outcome.kind;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};
