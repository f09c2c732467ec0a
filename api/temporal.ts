import {
  ApplicationFailure,
  Client,
  Connection,
  type ConnectionOptions,
  isGrpcServiceError,
  ServiceError,
} from '@temporalio/client';

/** Thrown when Temporal does not answer in time. */
export class TemporalUnavailable extends Error {
  override readonly name = 'TemporalUnavailable';
}

export type TemporalGateway = {
  namespace: string;
  /**
   * Every call to Temporal goes through here: it has a deadline, and a server that is away is one error.
   * The connection is made at the first call and mends itself, so the API starts and serves without Temporal.
   * @throws TemporalUnavailable
   */
  call<T>(work: (client: Client) => Promise<T>): Promise<T>;
  /** Calls that wait for an answer end with TemporalUnavailable, as do those that come after. */
  close(): Promise<void>;
};

/** As long as requests wait for a database that stops answering: an answer's bound is the same for both. */
const defaultDeadlineMs = 4_000;

const unavailableCodes: ReadonlySet<number> = new Set([1, 4, 8, 14]); // cancelled, deadline, exhausted, unavailable

export function createTemporalGateway(options: {
  connectionOptions: ConnectionOptions;
  namespace: string;
  deadlineMs?: number;
}): TemporalGateway {
  const { namespace, deadlineMs = defaultDeadlineMs } = options;
  const closing = new AbortController();
  let current: Link | undefined;
  const connect = (): Link => {
    const connection = Connection.lazy({ ...options.connectionOptions, connectTimeout: deadlineMs });
    return { connection, client: new Client({ connection, namespace }), calls: new Set() };
  };
  return {
    namespace,
    async call(work) {
      if (closing.signal.aborted) throw isClosed();
      current ??= connect();
      const link = current;
      const { connection, client, calls } = link;
      const call = connection.withDeadline(Date.now() + deadlineMs, () => work(client));
      calls.add(call);
      const forget = (): void => {
        calls.delete(call);
        // Before Node 24 a storage in use calls hooks for every promise of the process, predictions' too.
        if (calls.size === 0) connection.callContextStorage.disable();
      };
      call.then(forget, forget);
      const abandoned = abandonment(closing.signal);
      try {
        return await Promise.race([call, abandoned.promise]);
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        // A connection whose first attempt failed remembers the failure: the next call makes a new one.
        if (current === link) {
          current = undefined;
          void closeUnused(link);
        }
        throw new TemporalUnavailable('Temporal cannot be reached', { cause: error });
      } finally {
        abandoned.forget();
      }
    },
    async close() {
      closing.abort();
      const link = current;
      current = undefined;
      if (link === undefined) return;
      const closed = closeUnused(link);
      // An attempt to connect cannot be broken off: it is left to its deadline.
      if (link.calls.size === 0) await closed;
    },
  };
}

const isClosed = (): TemporalUnavailable => new TemporalUnavailable('the connection to Temporal is closed');

/** Rejects when the signal is raised, until it is forgotten. */
function abandonment(signal: AbortSignal): { promise: Promise<never>; forget(): void } {
  let forget = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    const abandon = (): void => reject(isClosed());
    signal.addEventListener('abort', abandon);
    forget = () => signal.removeEventListener('abort', abandon);
  });
  return { promise, forget };
}

type Link = { connection: Connection; client: Client; calls: Set<Promise<unknown>> };

/** Once its calls are over: on a closed connection the client's next attempt at one throws from a timer. */
async function closeUnused({ connection, calls }: Link): Promise<void> {
  await Promise.allSettled(calls);
  await connection.close();
}

function isUnavailable(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (isGrpcServiceError(at)) return unavailableCodes.has(at.code);
    if (at instanceof ServiceError && at.cause === undefined) return true;
    if (at.message.includes('Failed to connect before the deadline')) return true;
  }
  return false;
}

/**
 * What Temporal says of an argument it does not take, such as a cron expression; null for any other error. The SDK
 * turns the server's INVALID_ARGUMENT into a `TypeError` with nothing but its message.
 */
export function refusedArgument(error: unknown): string | null {
  if (error instanceof TypeError) return error.message;
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (isGrpcServiceError(at) && at.code === invalidArgumentCode) return at.details;
  }
  return null;
}

const invalidArgumentCode = 3;

export type Failure = { type: string; message: string };

/** Temporal wraps what failed in where it failed: the first failure of ours, or else the innermost, says what it was. */
export function rootFailure(error: unknown): Failure {
  let at = error;
  while (!(at instanceof ApplicationFailure) && at instanceof Error && at.cause instanceof Error)
    at = at.cause;
  if (at instanceof ApplicationFailure) return { type: at.type ?? at.name, message: at.message };
  return at instanceof Error
    ? { type: at.name, message: at.message }
    : { type: 'Error', message: String(at) };
}
