import { createDatabaseClient } from '../../db/client.ts';
import { waitUntil } from '../../local/processes.ts';
import { deployFirst } from '../api/models.ts';
import { createTestDatabase } from '../environment/test-database.ts';
import { startApi, waitUntilServed } from './api-process.ts';
import { startLoad } from './load.ts';
import { findLost } from './stored.ts';
import { valuation } from './valuation.ts';

export type KillsUnderLoad = {
  kills: number;
  /** Predictions that were answered before their API was killed. */
  answered: number;
  /** Ids of answered predictions that the database does not have. */
  lost: string[];
  /** Requests under way when the API was killed. */
  cut: number;
  /** From the kill to the first prediction of the API that was started next. */
  slowestReturnMs: number;
};

/** Kills an API under load, at another moment each time, and starts the next one in its place. */
export async function killApiUnderLoad(options: {
  kills: number;
  connections: number;
}): Promise<KillsUnderLoad> {
  const database = await createTestDatabase();
  const client = createDatabaseClient({ url: database.url, poolSize: 2, applicationName: 'test' });
  const found: KillsUnderLoad = { kills: 0, answered: 0, lost: [], cut: 0, slowestReturnMs: 0 };
  try {
    await deployFirst(client.db, valuation);
    for (; found.kills < options.kills; found.kills++) {
      const startedMs = performance.now();
      const api = await startApi({ databaseUrl: database.url });
      try {
        await waitUntilServed(api, valuation.name, 1);
        if (found.kills > 0)
          found.slowestReturnMs = Math.max(found.slowestReturnMs, performance.now() - startedMs);
        const load = startLoad({ urls: [api.url], connections: options.connections });
        // Another number each time, which is not a multiple of the connections.
        await waitUntil(() => load.outcomes.length > 100 + found.kills * 37 || undefined, {
          withinMs: 20_000,
          what: 'the load to run',
          everyMs: 1,
        });
        await api.kill();
        const outcomes = await load.stop();
        found.answered += outcomes.filter(({ kind }) => kind === 'predicted').length;
        found.cut += outcomes.filter(({ kind }) => kind === 'cut').length;
        found.lost.push(...(await findLost(client.db, outcomes)));
      } finally {
        if (api.isRunning()) await api.kill();
      }
    }
    return found;
  } finally {
    await client.close();
    await database.drop();
  }
}
