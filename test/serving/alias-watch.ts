import type { PipelineName } from '../../contracts/ids.ts';
import type { Database } from '../../db/client.ts';
import { readProduction } from '../../db/queries/models.ts';

/**
 * A change of the production alias. It happened somewhere between the two times, of this process's clock
 * (`performance.now()`): the sending of the last reading that showed the version before, and the answer of the
 * first that showed this one. The ledger's own times are those at which its transactions began, not ended.
 */
export type AliasChange = { version: number; afterMs: number; beforeMs: number };

/** Reads the alias again and again. */
export function watchAlias(db: Database, pipeline: PipelineName) {
  const changes: AliasChange[] = [];
  let isDone = false;
  const watching = (async () => {
    let lastSentMs = Number.NEGATIVE_INFINITY;
    while (!isDone) {
      const sentMs = performance.now();
      const version = (await readProduction(db, pipeline))?.version;
      if (version !== undefined && version !== changes.at(-1)?.version) {
        changes.push({ version, afterMs: lastSentMs, beforeMs: performance.now() });
      }
      lastSentMs = sentMs;
    }
  })();
  return {
    async stop(): Promise<readonly AliasChange[]> {
      isDone = true;
      await watching;
      return changes;
    },
  };
}

/** Whether the version can have been in production at some moment of the request. */
export function wasInProduction(
  changes: readonly AliasChange[],
  { version, sentMs, endedMs }: { version: number; sentMs: number; endedMs: number },
): boolean {
  return changes.some((change, index) => {
    const leftMs = changes[index + 1]?.beforeMs ?? Number.POSITIVE_INFINITY;
    return change.version === version && change.afterMs <= endedMs && sentMs <= leftMs;
  });
}
