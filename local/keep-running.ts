import { setTimeout as delay } from 'node:timers/promises';

/** One life of an embedded server. */
export interface Server {
  ended: Promise<void>;
  stop(): Promise<void>;
}

export interface KeptServer<S extends Server> {
  first: S;
  /** Waits for a restart under way, then stops. */
  stop(): Promise<void>;
}

const firstBackoffMs = 500;
const maxBackoffMs = 30_000;

/** Starts an embedded server, and starts it again, with growing pauses, whenever it ends unasked. */
export async function keepRunning<S extends Server>({
  name,
  start,
  say,
}: {
  name: string;
  start(): Promise<S>;
  say(line: string): void;
}): Promise<KeptServer<S>> {
  const first = await start();
  const stopping = new AbortController();
  let current = first;

  const watch = async () => {
    let backoffMs = firstBackoffMs;
    for (;;) {
      await current.ended;
      if (stopping.signal.aborted) return;
      say(`${name} ended by itself; started again.`);
      try {
        current = await start();
        backoffMs = firstBackoffMs;
        // The stop that was asked for meanwhile has stopped the one before.
        if (stopping.signal.aborted) return await current.stop();
      } catch (error) {
        if (stopping.signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        say(`${name} did not start: ${reason}\nTried again in ${backoffMs / 1000} s.`);
        await delay(backoffMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        backoffMs = Math.min(backoffMs * 2, maxBackoffMs);
      }
    }
  };
  const watching = watch();

  return {
    first,
    async stop() {
      stopping.abort();
      await current.stop();
      await watching;
    },
  };
}
