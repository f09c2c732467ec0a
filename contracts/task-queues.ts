/** Task queues, split by what an activity needs: decisions, input and output, or a processor core. */
export const taskQueues = {
  workflow: 'perennial-workflow',
  io: 'perennial-io',
  cpu: 'perennial-cpu',
} as const;
