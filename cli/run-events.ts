import { setTimeout as delay } from 'node:timers/promises';
import { type RunProgress, runProgressSchema } from '../contracts/http/runs.ts';
import { isTerminal } from '../contracts/runs.ts';
import { type Connection, parseJson, part, RequestRefused } from './connection.ts';
import { readEventStream } from './event-stream.ts';
import { CommandError } from './exit.ts';

const reconnect = { everyMs: 1000, attempts: 60 };

/** Every state of the run until it ends. Goes on after a lost connection, where the last event stood. */
export async function* followEvents(
  { send }: Connection,
  runId: string,
  signal: AbortSignal,
): AsyncGenerator<RunProgress> {
  let lastEventId: string | null = null;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const response: Response = await send(`/api/v1/runs/${part(runId)}/events`, {
        signal,
        headers: {
          accept: 'text/event-stream',
          ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
        },
      });
      if (response.body === null) throw new CommandError('the event stream has no body');
      for await (const event of readEventStream(response.body)) {
        failures = 0;
        lastEventId = event.id ?? lastEventId;
        const state = runProgressSchema.safeParse(parseJson(event.data));
        if (!state.success) continue;
        yield state.data;
        if (isTerminal(state.data.status)) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof RequestRefused && error.status < 500) throw error;
      failures += 1;
      if (failures > reconnect.attempts) throw error;
    }
    await delay(reconnect.everyMs, undefined, { signal }).catch(() => undefined);
  }
}
