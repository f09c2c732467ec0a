import type { WorkflowInterceptors } from '@temporalio/workflow';
import { assertPayloadFits } from '../contracts/payload.ts';

/** Refuses what a workflow is about to send before the server sees it; activities guard their own results. */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      async execute(input, next) {
        assertPayloadFits(input.args, 'the start of the workflow');
        const result = await next(input);
        assertPayloadFits(result, 'the result of the workflow');
        return result;
      },
      async handleUpdate(input, next) {
        const result = await next(input);
        assertPayloadFits(result, `the answer to update ${input.name}`);
        return result;
      },
      validateUpdate(input, next) {
        assertPayloadFits(input.args, `update ${input.name}`);
        next(input);
      },
    },
  ],
  outbound: [
    {
      async scheduleActivity(input, next) {
        assertPayloadFits(input.args, `activity ${input.activityType}`);
        return next(input);
      },
      async startChildWorkflowExecution(input, next) {
        assertPayloadFits(input.options.args, `child workflow ${input.workflowType}`);
        return next(input);
      },
      async signalWorkflow(input, next) {
        assertPayloadFits(input.args, `signal ${input.signalName}`);
        return next(input);
      },
    },
  ],
});
