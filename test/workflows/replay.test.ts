import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compiledFile } from '../../config/paths.ts';
import { recordsHistories } from '../../config/process-environment.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { addRecording, type Recording, readRecordings } from './histories.ts';
import { scenarios } from './scenarios.ts';
import { createTestService, type TestService } from './test-service.ts';

beforeAll(() => {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: { core: 'ERROR' } } },
  });
});

if (recordsHistories())
  describeTemporal('recording', () => {
    let service: TestService;
    beforeAll(async () => {
      service = await createTestService();
      await service.startWorker();
    });
    afterAll(() => service.close());

    // In one test, for a scenario builds on the production of the ones before.
    test('every scenario ends as it should', { timeout: 600_000 }, async () => {
      for (const { name, workflows, expected, perform } of scenarios) {
        const { status, ids } = await perform(service);
        expect(status, name).toBe(expected);
        for (const workflowType of workflows) {
          const handle = service.client.workflow.getHandle(ids[workflowType] ?? '');
          addRecording({ scenario: name, workflowType, history: await handle.fetchHistory() });
        }
      }
    });
  });

describe('recorded histories', () => {
  const replay = async ({ history, workflowType }: Recording): Promise<Error | undefined> => {
    const workflowBundle = { codePath: compiledFile('workflow-bundle.js') };
    const results = Worker.runReplayHistories({ workflowBundle }, [{ workflowId: workflowType, history }]);
    for await (const { error } of results) return error;
    throw new Error('nothing was replayed');
  };

  test('there is a recording for each workflow of each scenario, and none besides', () => {
    const wanted = scenarios.flatMap(({ name, workflows }) => workflows.map((type) => `${name}.${type}`));
    const found = readRecordings().map(({ scenario, workflowType }) => `${scenario}.${workflowType}`);
    expect(found.sort()).toEqual(wanted.sort());
  });

  for (const recording of readRecordings())
    test(`${recording.scenario}: ${recording.workflowType} replays`, async () => {
      expect(await replay(recording)).toBeUndefined();
    });

  test('a history that the workflow would no longer make is refused', async () => {
    const recording = readRecordings().find(
      ({ scenario, workflowType }) => scenario === 'promoted' && workflowType === 'trainModel',
    );
    if (recording === undefined) throw new Error('the promoted scenario is recorded');
    const scheduled = recording.history.events?.find(
      ({ activityTaskScheduledEventAttributes: attributes }) =>
        attributes?.activityType?.name === 'validateData',
    );
    if (scheduled?.activityTaskScheduledEventAttributes == null) throw new Error('validateData is in it');
    scheduled.activityTaskScheduledEventAttributes.activityType = { name: 'checkData' };
    expect((await replay(recording))?.name).toBe('DeterminismViolationError');
  });
});
