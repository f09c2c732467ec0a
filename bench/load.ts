import { connect, type Socket } from 'node:net';

/** One request in the bytes that go over the wire; the same for every connection. */
export type WireRequest = { host: string; port: number; bytes: Buffer };

export type LoadResult = {
  requestsPerSecond: number;
  /** Milliseconds, ascending. */
  latencies: Float64Array;
  /** Bodies of the answers that were not 200, the first few. */
  failures: string[];
  failed: number;
};

export function wireRequest(url: URL, body: string, headers: Record<string, string> = {}): WireRequest {
  const lines = [
    `POST ${url.pathname} HTTP/1.1`,
    `host: ${url.host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
  return { host: url.hostname, port: Number(url.port), bytes };
}

/**
 * Sends the request over and over on so many connections, each waiting for its answer before it asks again. On bare
 * sockets, because the client shares the machine with what it measures: an HTTP client takes as much as the server.
 */
export async function load(
  request: WireRequest,
  options: { connections: number; seconds: number; onAnswer?: (body: string) => void },
): Promise<LoadResult> {
  const { connections, seconds, onAnswer = () => undefined } = options;
  const latencies: number[] = [];
  const failures: string[] = [];
  let failed = 0;
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, () =>
      converse(request, {
        isOver: () => performance.now() >= endMs,
        onAnswer(status, body, ms) {
          latencies.push(ms);
          if (status === 200) onAnswer(body);
          else if (failed++ < 3) failures.push(body);
        },
      }),
    ),
  );
  const tookMs = performance.now() - startMs;
  return {
    requestsPerSecond: (latencies.length / tookMs) * 1000,
    latencies: Float64Array.from(latencies).sort(),
    failures,
    failed,
  };
}

export const quantile = (ascending: Float64Array, share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? Number.NaN;

const headEnd = '\r\n\r\n';
const lengthLine = /\r\ncontent-length: *(\d+)\r\n/i;

/** Where the body begins and the answer ends, once its head is there. @throws where the head tells no length */
function measureAnswer(received: string): { bodyAt: number; end: number } | undefined {
  const headLength = received.indexOf(headEnd);
  if (headLength < 0) return undefined;
  const [, length] = lengthLine.exec(received.slice(0, headLength + 2)) ?? [];
  if (length === undefined) throw new Error(`no content-length in: ${received.slice(0, headLength)}`);
  const bodyAt = headLength + headEnd.length;
  return { bodyAt, end: bodyAt + Number(length) };
}

function converse(
  { host, port, bytes }: WireRequest,
  hooks: { isOver(): boolean; onAnswer(status: number, body: string, ms: number): void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host, port, noDelay: true });
    let received = '';
    let answer: ReturnType<typeof measureAnswer>;
    let sentMs = 0;
    const ask = (): void => {
      received = '';
      answer = undefined;
      sentMs = performance.now();
      socket.write(bytes);
    };
    const receive = (chunk: string): void => {
      received += chunk;
      answer ??= measureAnswer(received);
      if (answer === undefined || received.length < answer.end) return;
      hooks.onAnswer(
        Number(received.slice(9, 12)),
        received.slice(answer.bodyAt),
        performance.now() - sentMs,
      );
      if (hooks.isOver()) {
        resolve();
        socket.destroy();
      } else ask();
    };
    socket.setEncoding('latin1');
    socket.on('connect', ask);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${host}:${port} closed the connection`)));
    socket.on('data', (chunk: string) => {
      try {
        receive(chunk);
      } catch (error) {
        reject(error);
        socket.destroy();
      }
    });
  });
}
