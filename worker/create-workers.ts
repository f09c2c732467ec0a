import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Activities } from '../contracts/activities.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import { sendHeartbeats } from './heartbeats.ts';
import { guardActivityPayloads } from './payload-guard.ts';

/** Longer than a fold takes to notice that it is to stop, shorter than the supervisor's patience. */
const shutdown = { shutdownGraceTime: '5s', shutdownForceTime: '30s' } as const;
const maxIoActivities = 20;
/** Explicit: the default follows from the heap's size, and a burst then runs out of memory. */
const maxCachedWorkflows = 200;

/** One worker a task queue: decisions, input and output, and processor cores do not wait for one another. */
export function createWorkers(options: {
  connection: NativeConnection;
  namespace: string;
  bundlePath: string;
  activities: Activities;
  cpuSlots: number;
}): Promise<Worker[]> {
  const { connection, namespace, bundlePath, activities, cpuSlots } = options;
  const shared = { connection, namespace, ...shutdown };
  const activityOptions: Partial<WorkerOptions> = {
    activities,
    // A cancellation reaches an activity with the answer to a heartbeat that was sent, not held back.
    maxHeartbeatThrottleInterval: '1s',
    interceptors: {
      activity: [
        (context) => ({ inbound: sendHeartbeats(context) }),
        (context) => ({ inbound: guardActivityPayloads(context.info.activityType) }),
      ],
    },
  };
  return Promise.all([
    Worker.create({
      ...shared,
      taskQueue: taskQueues.workflow,
      workflowBundle: { codePath: bundlePath },
      maxCachedWorkflows,
      // How long decisions of a killed worker wait before another takes them.
      stickyQueueScheduleToStartTimeout: '2s',
    }),
    Worker.create({
      ...shared,
      ...activityOptions,
      taskQueue: taskQueues.io,
      maxConcurrentActivityTaskExecutions: maxIoActivities,
    }),
    Worker.create({
      ...shared,
      ...activityOptions,
      taskQueue: taskQueues.cpu,
      maxConcurrentActivityTaskExecutions: cpuSlots,
    }),
  ]);
}
