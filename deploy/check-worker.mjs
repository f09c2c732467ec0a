/** Container health of a worker: Temporal has heard it ask for CPU work within the last two minutes. */
import { hostname } from 'node:os';
import { Connection } from '@temporalio/client';
import { readConfig } from '../dist/config/config.js';
import { temporalConnectionOptions } from '../dist/config/temporal.js';
import { taskQueues } from '../dist/contracts/task-queues.js';

/** A poll is held open for a minute, so that a healthy worker is heard at least that often. */
const longestSilenceMs = 120_000;
const activityQueue = 2;

const { connectionOptions, namespace } = temporalConnectionOptions(readConfig());
const connection = await Connection.connect({ ...connectionOptions, connectTimeout: 4000 });
const { pollers } = await connection.workflowService.describeTaskQueue({
  namespace,
  taskQueue: { name: taskQueues.cpu },
  taskQueueType: activityQueue,
});
await connection.close();
const isHeard = pollers.some(({ identity, lastAccessTime }) => {
  const heardMs = Number(lastAccessTime?.seconds ?? 0) * 1000;
  return identity?.endsWith(`@${hostname()}`) && Date.now() - heardMs < longestSilenceMs;
});
process.exit(isHeard ? 0 : 1);
