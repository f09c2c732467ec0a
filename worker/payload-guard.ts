import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { assertPayloadFits } from '../contracts/payload.ts';

/** Refuses an activity's result before it is sent; workflows guard what they send to activities. */
export function guardActivityPayloads(activityType: string): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      assertPayloadFits(input.args, `the input of activity ${activityType}`);
      const result = await next(input);
      assertPayloadFits(result, `the result of activity ${activityType}`);
      return result;
    },
  };
}
