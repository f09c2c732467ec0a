import type { DatabaseClient } from '../../db/client.ts';
import { waitUntil } from '../../local/processes.ts';
import { type ApiProcess, readReadiness } from './api-process.ts';
import { countBy, type Outcome, startLoad } from './load.ts';
import { findLost } from './stored.ts';

export type Outage = {
  outcomes: readonly Outcome[];
  counts: Record<string, number>;
  /** Of the requests that were not predicted. */
  withoutRetryAfter: number;
  longestMs: number;
  /** What `/readyz` said of PostgreSQL meanwhile. */
  named: string | null;
  /** From the end of the fault to the first prediction. */
  returnMs: number;
  /** Answered predictions that the database does not have. */
  lost: string[];
  /** Of the API's resident memory, from before to the end of the fault. */
  grownMb: number;
};

/** Puts a database under load into a state and out of it again, without touching the API. */
export async function sufferOutage(options: {
  api: ApiProcess;
  client: DatabaseClient;
  connections: number;
  begin(): Promise<void>;
  end(): Promise<void>;
}): Promise<Outage> {
  const { api, client, connections } = options;
  const load = startLoad({ urls: [api.url], connections });
  const { outcomes } = load;
  const count = (kind: Outcome['kind'], sinceMs: number) =>
    outcomes.filter((one) => one.kind === kind && one.sentMs >= sinceMs).length;
  await waitUntil(() => outcomes.length > 200 || undefined, { withinMs: 30_000, what: 'the load to run' });
  const before = await residentMb(api);
  await options.begin();
  const beganMs = performance.now();
  // Refused those that waited, and then, at once, those that came later.
  await waitUntil(() => count('refused', beganMs) > 20 * connections || undefined, {
    withinMs: 30_000,
    what: 'requests to be refused',
  });
  const named = await waitUntil(
    async () => {
      const { dependencies } = await readReadiness(api);
      return dependencies.postgres?.state === 'down' ? (dependencies.postgres.detail ?? '') : undefined;
    },
    { withinMs: 10_000, what: '/readyz to name the database' },
  );
  const grownMb = (await residentMb(api)) - before;
  await options.end();
  const endedMs = performance.now();
  await waitUntil(() => count('predicted', endedMs) > 10 * connections || undefined, {
    withinMs: 30_000,
    what: 'predictions to come again',
  });
  await load.stop();
  const first = outcomes.find((one) => one.kind === 'predicted' && one.sentMs >= endedMs);
  return {
    outcomes,
    counts: countBy(outcomes),
    withoutRetryAfter: outcomes.filter((one) => one.kind === 'refused' && one.retryAfter === undefined)
      .length,
    longestMs: Math.max(...outcomes.map(({ sentMs, endedMs: answeredMs }) => answeredMs - sentMs)),
    named,
    returnMs: (first?.endedMs ?? Number.POSITIVE_INFINITY) - endedMs,
    lost: await findLost(client.db, outcomes),
    grownMb,
  };
}

async function residentMb({ url }: ApiProcess): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const [, bytes] = /^process_resident_memory_bytes (\S+)$/m.exec(text) ?? [];
  return Number(bytes) / 2 ** 20;
}
