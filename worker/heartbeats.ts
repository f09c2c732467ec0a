import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';

/**
 * A cancellation arrives with the answer to a heartbeat. This, the time a thread is given to let go, and its
 * termination must fit into the 5 seconds in which a cancelled run frees the processor.
 */
const heartbeatEveryMs = 1_000;

/**
 * Heartbeats for every activity while it is under way, however short it should be: the server gives the work of a dead
 * worker to another once they cease, and otherwise only when the activity's whole time is over.
 */
export function sendHeartbeats(context: Context): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      const beat = setInterval(() => context.heartbeat(), heartbeatEveryMs);
      try {
        return await next(input);
      } finally {
        clearInterval(beat);
      }
    },
  };
}
