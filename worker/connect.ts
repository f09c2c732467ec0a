import { setTimeout as delay } from 'node:timers/promises';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import type { Logger } from 'pino';

const retryEveryMs = 500;
/** Said once in so many attempts: the server may take its time to start. */
const sayEvery = 20;

/** Waits for the Temporal server as long as it takes. */
export async function connectTemporal(
  options: NativeConnectionOptions,
  { logger, signal }: { logger: Logger; signal: AbortSignal },
): Promise<NativeConnection> {
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await NativeConnection.connect(options);
    } catch (error) {
      if (attempt % sayEvery === 0)
        logger.warn({ err: error, address: options.address }, 'Temporal cannot be reached yet');
    }
    await delay(retryEveryMs, undefined, { signal });
  }
}
