import type { RunId } from '../contracts/ids.ts';
import type { DatabaseClient } from '../db/client.ts';

export type RunEvents = {
  /** Calls back whenever the run may have changed. @returns what ends it */
  subscribe(runId: RunId, onChange: () => void): () => void;
};

/** One connection listens for all the streams. After a reconnect everything may have changed. */
export function createRunEvents(
  client: Pick<DatabaseClient, 'listen'>,
  onFailure: (error: unknown) => void,
): RunEvents {
  const subscribers = new Map<string, Set<() => void>>();
  const tell = (runId: string): void => {
    for (const onChange of subscribers.get(runId) ?? []) onChange();
  };
  client
    .listen('run_changed', tell, () => {
      for (const runId of subscribers.keys()) tell(runId);
    })
    .catch(onFailure);
  return {
    subscribe(runId, onChange) {
      const own = subscribers.get(runId) ?? new Set();
      subscribers.set(runId, own.add(onChange));
      return () => {
        own.delete(onChange);
        if (own.size === 0) subscribers.delete(runId);
      };
    },
  };
}
