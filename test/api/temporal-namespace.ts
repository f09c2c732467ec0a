import { randomUUID } from 'node:crypto';
import { msToTs } from '@temporalio/common/lib/time.js';
import { ensureSearchAttributes } from '../../api/search-attributes.ts';
import { createTemporalGateway } from '../../api/temporal.ts';
import { testTemporal } from '../environment/test-temporal.ts';
import { eventually } from './service.ts';

/** A namespace of the test file's own, with the search attributes: ids of schedules and deployments follow from pipeline names. */
export async function createNamespace(): Promise<{ address: string; namespace: string }> {
  const { address } = testTemporal();
  const namespace = `api-${randomUUID()}`;
  const gateway = createTemporalGateway({ connectionOptions: { address }, namespace, deadlineMs: 10_000 });
  await gateway.call(({ workflowService }) =>
    workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    }),
  );
  // The server's frontends learn of a namespace a little later.
  await eventually(() =>
    gateway.call(({ workflowService }) =>
      workflowService.listWorkflowExecutions({ namespace }).then(
        () => true,
        () => undefined,
      ),
    ),
  );
  await ensureSearchAttributes(gateway);
  await gateway.close();
  return { address, namespace };
}
