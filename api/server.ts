import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { App } from './app.ts';

export type RunningServer = {
  port: number;
  /** Stops accepting, and resolves when the requests in flight are answered. */
  close(): Promise<void>;
};

/** A client that neither reads nor leaves must not keep a stopped server alive. */
const drainMs = 15_000;

/** @throws where the address is taken or is none of this machine's */
export async function listen(
  app: Pick<App, 'fetch'>,
  at: { host: string; port: number },
): Promise<RunningServer> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  // An upload of gigabytes takes longer than the five minutes that Node gives a request.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : at.port,
    close: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), drainMs);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
