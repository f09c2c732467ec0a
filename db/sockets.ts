import { connect, type Socket } from 'node:net';

type Address = {
  host: readonly string[];
  port: readonly number[];
  path: string | false;
  ssl?: unknown;
};

export type Sockets = {
  /** Opens one, for the driver's `socket` option. */
  open(address: Address): Socket;
  /** How many closed, one after another, on which nothing was ever heard. */
  failures(): number;
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
  let failures = 0;

  return {
    open({ host, port, path, ssl }) {
      for (const socket of sockets) if (socket.destroyed) sockets.delete(socket);
      // Several hosts take turns, as in the driver.
      const turn = opened++ % host.length;
      const at = { host: host[turn] ?? 'localhost', port: port[turn] ?? 5432 };
      const socket = path === false ? connect(at) : connect(path);
      sockets.add(socket);
      socket.once('data', () => {
        failures = 0;
      });
      socket.once('close', () => {
        if (socket.bytesRead === 0) failures += 1;
      });
      // One under TLS is heard through a socket of the driver's own.
      if (ssl === undefined || ssl === false) closeOnceQuiet(socket);
      // Read by the driver for the name that a certificate must have.
      return Object.assign(socket, at);
    },
    failures: () => failures,
    closeSilent() {
      for (const socket of sockets) watchForSilence(socket);
    },
    destroy() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A lost transaction writes its ROLLBACK, and a savepoint in it one more. */
const farewells = 3;

/**
 * Tells of a close only after errors, between which what has failed may write what it has left to say. The driver
 * forgets a socket at its close: a ROLLBACK that comes later ends the process by an exception that nobody can catch,
 * and one that waits to be written when it comes keeps the connection from ever writing again (porsager/postgres
 * #1066, #1154, #1208).
 */
function closeOnceQuiet(socket: Socket): void {
  const emit = socket.emit.bind(socket);
  let loss: unknown = Object.assign(new Error('the database closed the connection'), {
    code: 'CONNECTION_CLOSED',
  });
  socket.once('error', (error) => {
    loss = error;
  });
  const tell = (errorsLeft: number): void => {
    if (errorsLeft === 0) {
      // As one without an error: of others the driver leaves statements sent meanwhile unanswered.
      emit('close', false);
      return;
    }
    emit('error', loss);
    setImmediate(tell, errorsLeft - 1);
  };
  socket.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event !== 'close') return emit(event, ...values);
    tell(farewells);
    return true;
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
