import { createServer, type Socket } from 'node:net';
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

test('a gateway that is closed ends what waits for a server, and takes no more', async () => {
  const gateway = createTemporalGateway({
    connectionOptions: { address: '127.0.0.1:1' },
    namespace: 'default',
    deadlineMs: 30_000,
  });
  const ask = () =>
    gateway.call(({ workflowService }) => workflowService.describeNamespace({ namespace: 'default' }));
  const waiting = expect(ask()).rejects.toThrow(TemporalUnavailable);
  const beganMs = performance.now();
  await gateway.close();
  await waiting;
  await expect(ask()).rejects.toThrow(TemporalUnavailable);
  expect(performance.now() - beganMs).toBeLessThan(5_000);
});

test('a server that takes connections and says nothing is given up at the deadline, within four seconds by default', async () => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const gateway = createTemporalGateway({
    connectionOptions: { address: `127.0.0.1:${port}` },
    namespace: 'default',
  });
  const beganMs = performance.now();
  await expect(
    gateway.call(({ workflowService }) => workflowService.describeNamespace({ namespace: 'default' })),
  ).rejects.toThrow(TemporalUnavailable);
  // The rest is for a machine that has other work.
  expect(performance.now() - beganMs).toBeLessThan(4_900);
  await gateway.close();
  for (const socket of sockets) socket.destroy();
  silent.close();
});
