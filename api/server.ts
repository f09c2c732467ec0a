import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener, RequestError } from '@hono/node-server';
import { securityHeaders } from './answer-headers.ts';
import type { App } from './app.ts';
import { createDrain } from './drain.ts';
import { HttpProblem } from './problem.ts';
import { problemDocument } from './problem-answer.ts';

export type RunningServer = {
  port: number;
  /** Stops accepting, and resolves when the requests in flight are answered. */
  close(): Promise<void>;
};

/**
 * @param at.silenceMs how long a request that has begun may say nothing
 * @throws where the address is taken or is none of this machine's
 */
export async function listen(
  app: Pick<App, 'fetch'>,
  at: { host: string; port: number; silenceMs?: number },
): Promise<RunningServer> {
  const { silenceMs = 60_000 } = at;
  const listener = getRequestListener(app.fetch, {
    errorHandler: (error) => toResponse(unreadable(error)),
  });
  const server = createServer(
    {
      // Refused by us, with a reason.
      requireHostHeader: false,
      // An upload of gigabytes takes longer than the five minutes that Node gives a request; silence ends it.
      requestTimeout: 0,
      headersTimeout: silenceMs,
      connectionsCheckingInterval: Math.min(30_000, silenceMs),
    },
    (request, response) => {
      if (request.url?.startsWith('/') !== true) {
        answer(
          response,
          new HttpProblem(400, 'the request names a whole address, not a path: this is no proxy'),
        );
        return;
      }
      // Only while the request is read; its answer has bounds of its own, and must not end the socket.
      response.on('timeout', () => undefined);
      request.setTimeout(silenceMs, () => {
        answer(
          response,
          new HttpProblem(408, `nothing more of the body came for ${silenceMs / 1000} seconds`),
        );
        request.socket.end();
      });
      void listener(request, response);
    },
  );
  const drain = createDrain(server);
  server.on('clientError', (error, socket) => {
    if (socket.writable) write(socket, clientProblem(error));
    else socket.destroy();
  });
  server.on('checkExpectation', (_, response) =>
    answer(response, new HttpProblem(417, 'the only expectation that is met is 100-continue')),
  );
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
    close: drain,
  };
}

const unreadable = (error: unknown): HttpProblem =>
  error instanceof RequestError
    ? new HttpProblem(400, `the request cannot be read: ${error.message}`)
    : new HttpProblem(500, 'the server failed to answer');

/** What Node's parser says of bytes that are no HTTP. */
function clientProblem(error: Error & { code?: string }): HttpProblem {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new HttpProblem(431, 'the headers have over 16384 bytes, which is the limit');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new HttpProblem(408, 'the headers took too long to come');
    default:
      return new HttpProblem(400, `the request is no HTTP: ${error.message.replace(/^Parse Error: /, '')}`);
  }
}

/** Such a request never reached the application, which would have given it an id; its connection is closed. */
function closingAnswer(problem: HttpProblem): { body: string; headers: Record<string, string> } {
  const requestId = randomUUID();
  const { body, headers } = problemDocument(problem, requestId);
  return {
    body,
    headers: { ...securityHeaders, ...headers, 'x-request-id': requestId, connection: 'close' },
  };
}

function toResponse(problem: HttpProblem): Response {
  const { body, headers } = closingAnswer(problem);
  return new Response(body, { status: problem.status, headers });
}

function answer(response: ServerResponse, problem: HttpProblem): void {
  if (response.headersSent) return;
  const { body, headers } = closingAnswer(problem);
  response.writeHead(problem.status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function write(socket: Duplex, problem: HttpProblem): void {
  const { body, headers } = closingAnswer(problem);
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Error'}\r\n${lines.join('')}\r\n${body}`,
  );
}
