import { connect, createServer, type Socket } from 'node:net';

export type Relay = {
  port: number;
  /** What clients send, or what they are answered, stays here from now on. */
  hold(what: 'call' | 'answer'): void;
  /** Closes every connection as a server does that ends (`close`), or whose machine knows nothing of it (`reset`). */
  cut(how: 'close' | 'reset'): void;
  close(): Promise<void>;
};

/** Stands between clients and a server of this machine. */
export async function startRelay(serverPort: number): Promise<Relay> {
  const clients = new Set<Socket>();
  const servers = new Set<Socket>();
  let held: 'call' | 'answer' | undefined;
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1');
    clients.add(client);
    servers.add(upstream);
    client.on('data', (bytes) => {
      if (held !== 'call') upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (held !== 'answer') client.write(bytes);
    });
    const end = () => {
      clients.delete(client);
      servers.delete(upstream);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on('error', () => {}).on('close', end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a relay listens on a port');
  const cut = (how: 'close' | 'reset') => {
    for (const client of [...clients]) how === 'reset' ? client.resetAndDestroy() : client.destroySoon();
  };
  return {
    port: address.port,
    hold(what) {
      held = what;
    },
    cut,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut('reset');
      await closed;
    },
  };
}
