import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';

/** A client that neither reads nor leaves must not keep a stopped server alive. */
const drainMs = 15_000;
/** A connection that is kept alive may carry a request just now, which closing it would fail. */
const idleGraceMs = 500;

/**
 * How a server stops without failing a request: no new connections; what has been sent on those there are is answered,
 * with `Connection: close`, so that no client sends another request where none is read any more.
 * @returns resolves when the last connection is closed
 */
export function createDrain(server: Server): () => Promise<void> {
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      server.prependListener('request', (_, response: ServerResponse) => {
        response.shouldKeepAlive = false;
      });
      const closeUnused = setInterval(() => {
        server.closeIdleConnections();
        // Opened in advance, as browsers do, and never used: Node does not count it as idle.
        for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
      }, idleGraceMs);
      const closeAll = setTimeout(() => server.closeAllConnections(), drainMs);
      // That of `http.Server` closes at once what is idle.
      NetServer.prototype.close.call(server, () => {
        clearInterval(closeUnused);
        clearTimeout(closeAll);
        resolve();
      });
    });
}
