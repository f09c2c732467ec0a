import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTemporalGateway, TemporalUnavailable } from '../../api/temporal.ts';

test('calls that overlap each end with TemporalUnavailable where no server is, and none ends the process', async () => {
  const gateway = createTemporalGateway({
    connectionOptions: { address: '127.0.0.1:1' },
    namespace: 'default',
    deadlineMs: 300,
  });
  const ask = () =>
    gateway.call(({ workflowService }) => workflowService.describeNamespace({ namespace: 'default' }));
  const calls: Promise<unknown>[] = [];
  for (let n = 0; n < 30; n++) {
    calls.push(expect(ask()).rejects.toThrow(TemporalUnavailable));
    await delay(40);
  }
  await Promise.all(calls);
  await gateway.close();
});
