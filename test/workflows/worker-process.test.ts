import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeTemporal } from '../environment/test-temporal.ts';
import { createTestService, type TestService } from './test-service.ts';

describeTemporal('the worker process', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await createTestService();
  });
  afterAll(() => service.close());

  test('drains and ends with code 0 on SIGTERM', async () => {
    const { process: child } = await service.startWorker();
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  test('ends when the process that started it is gone', async () => {
    const { process: child } = await service.startWorker();
    const exited = once(child, 'exit');
    child.disconnect();
    expect(await exited).toEqual([0, null]);
  });
});
