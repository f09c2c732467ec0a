import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** One answer; a list of events is sent as a stream and then closed. */
export type Answer = {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  bytes?: Uint8Array;
  events?: { id: number; data: unknown }[];
};
export type Received = { method: string; path: string; headers: IncomingMessage['headers']; body: Buffer };

/** The far side of the contract, over a real socket: answers by `METHOD path`, and keeps what was asked. */
export async function startStandInService(answer: (request: Received) => Answer) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const asked = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: await buffer(request),
    };
    received.push(asked);
    const { status = 200, headers = {}, body, bytes, events } = answer(asked);
    if (events !== undefined) {
      response.writeHead(status, { 'content-type': 'text/event-stream', ...headers });
      for (const { id, data } of events)
        response.write(`id: ${id}\nevent: run\ndata: ${JSON.stringify(data)}\n\n`);
      response.end();
      return;
    }
    if (bytes !== undefined) {
      response.writeHead(status, { 'content-type': 'application/octet-stream', ...headers });
      response.end(bytes);
      return;
    }
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(body === undefined ? '' : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
