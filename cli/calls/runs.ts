import { z } from 'zod';
import {
  type CreateRun,
  runArtifactListSchema,
  runDetailSchema,
  runListSchema,
  runStartedSchema,
} from '../../contracts/http/runs.ts';
import { type Connection, idempotency, part, type Query } from '../connection.ts';
import { followEvents } from '../run-events.ts';

export function runCalls(connection: Connection) {
  const { call } = connection;
  return {
    /** Every state of the run until it ends. */
    events: (runId: string, signal: AbortSignal) => followEvents(connection, runId, signal),
    startRun: (pipeline: string, body: CreateRun, idempotencyKey: string | undefined) =>
      call({
        method: 'POST',
        path: `/pipelines/${part(pipeline)}/runs`,
        body,
        headers: idempotency(idempotencyKey),
        answer: runStartedSchema,
      }),
    runs: (query: Query) => call({ path: '/runs', query, answer: runListSchema }),
    run: (runId: string) => call({ path: `/runs/${part(runId)}`, answer: runDetailSchema }),
    cancelRun: (runId: string, reason: string | undefined) =>
      call({ method: 'POST', path: `/runs/${part(runId)}/cancel`, body: { reason }, answer: z.unknown() }),
    artifacts: (runId: string) =>
      call({ path: `/runs/${part(runId)}/artifacts`, answer: runArtifactListSchema }),
  };
}
