import type { Client } from '../cli/client.ts';

/** Waits until the run has ended. */
export async function followRun(client: Client, runId: string): ReturnType<Client['run']> {
  const events = client.events(runId, new AbortController().signal);
  while ((await events.next()).done !== true);
  return client.run(runId);
}
