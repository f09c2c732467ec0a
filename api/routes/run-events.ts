import { createRoute, z } from '@hono/zod-openapi';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { runProgressSchema } from '../../contracts/http/runs.ts';
import type { RunId } from '../../contracts/ids.ts';
import { isTerminal } from '../../contracts/runs.ts';
import { readRunView } from '../../db/queries/run-views.ts';
import { problemsOf } from '../answers.ts';
import { type AppDependencies, createRoutes } from '../context.ts';
import { asRunId, unknownRun } from '../run-requests.ts';
import { toRunProgress } from '../views.ts';

/** Proxies close what is silent for a minute; a lost notice costs at most this long. */
const heartbeatMs = 10_000;

const events = createRoute({
  method: 'get',
  path: '/api/v1/runs/{runId}/events',
  tags: ['Runs'],
  summary: 'A run, live, as server-sent events',
  description:
    'Each `run` event carries the run as it stands (`RunProgress`) under its revision as id; `end` follows the last one. ' +
    'With `Last-Event-ID` the stream goes on after that revision.',
  request: {
    params: z.object({ runId: z.string() }),
    headers: z.object({
      'last-event-id': z
        .string()
        .regex(/^\d{1,15}$/, 'must be the id of an event, a whole number')
        .optional(),
    }),
  },
  responses: {
    200: {
      description: 'The stream; the schema is of the data of a `run` event',
      content: { 'text/event-stream': { schema: runProgressSchema } },
    },
    ...problemsOf(400, 401, 404, 503),
  },
});

export function runEventRoutes(deps: AppDependencies) {
  return createRoutes().openapi(events, async (c) => {
    const runId = asRunId(c.req.valid('param').runId);
    // Known before the stream opens: afterwards there is no status to answer with.
    const view = await readRunView(deps.db, runId);
    if (view === null) throw unknownRun(runId);
    const seen = Number(c.req.valid('header')['last-event-id'] ?? -1);
    // An id that no event of this run has had yet is none of its own.
    const after = seen > view.run.revision ? -1 : seen;
    return streamSSE(c, (stream) => follow({ deps, stream, runId, after }));
  });
}

async function follow(options: {
  deps: AppDependencies;
  stream: SSEStreamingApi;
  runId: RunId;
  after: number;
}): Promise<void> {
  const { deps, stream, runId } = options;
  const { stopping } = deps;
  let sent = options.after;
  let wake = (): void => undefined;
  let isChanged = true;
  const onChange = (): void => {
    isChanged = true;
    wake();
  };
  const unsubscribe = deps.runEvents.subscribe(runId, onChange);
  stream.onAbort(onChange);
  stopping.addEventListener('abort', onChange, { once: true });
  try {
    while (!stream.aborted && !stopping.aborted) {
      if (isChanged) {
        isChanged = false;
        const view = await readRunView(deps.db, runId);
        if (view === null) return;
        if (view.run.revision > sent) {
          sent = view.run.revision;
          await stream.writeSSE({
            event: 'run',
            id: String(sent),
            data: JSON.stringify(toRunProgress(view)),
          });
        }
        if (isTerminal(view.run.status)) {
          await stream.writeSSE({ event: 'end', id: String(sent), data: view.run.status });
          return;
        }
        continue;
      }
      const isWoken = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), heartbeatMs);
        wake = () => {
          clearTimeout(timer);
          resolve(true);
        };
        if (isChanged) wake();
      });
      if (!isWoken) {
        await stream.write(': still here\n\n');
        isChanged = true;
      }
    }
  } finally {
    unsubscribe();
    stopping.removeEventListener('abort', onChange);
  }
}
