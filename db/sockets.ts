import { connect, type Socket } from 'node:net';

type Address = { host: readonly string[]; port: readonly number[]; path: string | false };

export type Sockets = {
  /** Opens one, for the driver's `socket` option. */
  open(address: Address): Socket;
  /**
   * Closes those on which nothing is heard any more: their statements fail, and the pool opens others. After a
   * failover, or where the network was cut, the other side knows nothing of them, and without this a statement sent
   * on one would wait for a quarter of an hour, as long as TCP repeats it. Idle ones are closed too.
   */
  closeSilent(): void;
  /** Closes all, without the farewell that a dead server would never answer. */
  destroy(): void;
};

const silentChecks = 4;
const checkEveryMs = 500;

export function createSockets(): Sockets {
  const sockets = new Set<Socket>();
  let opened = 0;

  return {
    open({ host, port, path }) {
      for (const socket of sockets) if (socket.destroyed) sockets.delete(socket);
      // Several hosts take turns, as in the driver.
      const turn = opened++ % host.length;
      const at = { host: host[turn] ?? 'localhost', port: port[turn] ?? 5432 };
      const socket = path === false ? connect(at) : connect(path);
      sockets.add(socket);
      // Read by the driver for the name that a certificate must have.
      return Object.assign(socket, at);
    },
    closeSilent() {
      for (const socket of sockets) watchForSilence(socket);
    },
    destroy() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function watchForSilence(socket: Socket): void {
  const heard = socket.bytesRead;
  let said = socket.bytesWritten;
  let checks = 0;
  const timer = setInterval(() => {
    checks += 1;
    if (socket.destroyed || socket.bytesRead !== heard) clearInterval(timer);
    // A statement sent just now has not had its time yet.
    else if (checks >= silentChecks && socket.bytesWritten === said) {
      clearInterval(timer);
      socket.destroy(Object.assign(new Error('the database fell silent'), { code: 'ETIMEDOUT' }));
    }
    said = socket.bytesWritten;
  }, checkEveryMs);
  timer.unref();
}
