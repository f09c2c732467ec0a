import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import {
  deploymentSchema,
  deploymentStartedSchema,
  ledgerSchema,
  modelListSchema,
  modelVersionListSchema,
  modelVersionSchema,
} from '../contracts/http/models.ts';
import { pipelineDetailSchema, pipelineListSchema } from '../contracts/http/pipelines.ts';
import {
  type PredictRequest,
  predictionListSchema,
  predictResponseSchema,
} from '../contracts/http/predictions.ts';
import { type Problem, problemSchema } from '../contracts/http/problem.ts';
import {
  type CreateRun,
  type RunProgress,
  runArtifactListSchema,
  runDetailSchema,
  runListSchema,
  runProgressSchema,
  runStartedSchema,
} from '../contracts/http/runs.ts';
import {
  type PutSchedule,
  scheduleListSchema,
  scheduleSchema,
  scheduleTriggeredSchema,
} from '../contracts/http/schedules.ts';
import { type CreateSearch, searchSchema, searchStartedSchema } from '../contracts/http/searches.ts';
import {
  type AddSnapshot,
  type CreateDiff,
  diffRequestedSchema,
  diffSchema,
  snapshotDetailSchema,
  snapshotListSchema,
  snapshotRequestedSchema,
  snapshotRequestSchema,
} from '../contracts/http/snapshots.ts';
import { uploadSchema } from '../contracts/http/uploads.ts';
import { isTerminal } from '../contracts/runs.ts';
import { readEventStream } from './event-stream.ts';
import { CommandError } from './exit.ts';
import { createMultipartBody, type UploadFile } from './upload.ts';

/** Thrown when the service refuses a request; the message shows its problem details with each bad field. */
export class RequestRefused extends CommandError {
  override readonly name = 'RequestRefused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Query = Record<string, string | number | undefined>;
type Call<Schema extends z.ZodType> = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  answer: Schema;
};

const reconnect = { everyMs: 1000, attempts: 60 };

export type Client = ReturnType<typeof createClient>;

/** The API as functions; every answer is parsed by the schema the server's own document is made from. */
export function createClient({ url, apiKey }: { url: string; apiKey: string | undefined }) {
  const authorization: Record<string, string> =
    apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(new URL(path, url), {
        ...init,
        headers: {
          accept: 'application/json',
          ...authorization,
          ...Object.fromEntries(new Headers(init.headers)),
        },
      });
    } catch (error) {
      if (init.signal?.aborted === true) throw error;
      throw new CommandError(unreachable(url, error));
    }
    if (response.ok) return response;
    throw new RequestRefused(response.status, await describeProblem(response));
  }

  async function call<Schema extends z.ZodType>(request: Call<Schema>): Promise<z.output<Schema>> {
    const { method = 'GET', path, query = {}, body, answer } = request;
    const search = new URLSearchParams();
    for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
    const suffix = search.size === 0 ? '' : `?${search}`;
    const response = await send(`/api/v1${path}${suffix}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...request.headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed = z.safeParse(answer, text === '' ? undefined : JSON.parse(text));
    if (parsed.success) return parsed.data;
    throw new CommandError(
      `${method} ${path} was answered in a form this command does not know; is ${url} a Perennial of another version?\n` +
        z.prettifyError(parsed.error),
    );
  }

  /** Every state of the run until it ends. Goes on after a lost connection, where the last event stood. */
  async function* events(runId: string, signal: AbortSignal): AsyncGenerator<RunProgress> {
    let lastEventId: string | null = null;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const response: Response = await send(`/api/v1/runs/${encodeURIComponent(runId)}/events`, {
          signal,
          headers: {
            accept: 'text/event-stream',
            ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
          },
        });
        if (response.body === null) throw new CommandError('the event stream has no body');
        for await (const event of readEventStream(response.body)) {
          failures = 0;
          lastEventId = event.id ?? lastEventId;
          const state = runProgressSchema.safeParse(parseJson(event.data));
          if (!state.success) continue;
          yield state.data;
          if (isTerminal(state.data.status)) return;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof RequestRefused && error.status < 500) throw error;
        failures += 1;
        if (failures > reconnect.attempts) throw error;
      }
      await delay(reconnect.everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async function upload(files: readonly UploadFile[]) {
    const multipart = createMultipartBody(files);
    const response = await send('/api/v1/uploads', {
      method: 'POST',
      headers: {
        'content-type': multipart.contentType,
        'content-length': String(multipart.contentLength),
      },
      body: multipart.body,
      duplex: 'half',
    });
    return uploadSchema.parse(await response.json());
  }

  const of = (pipeline: string) => encodeURIComponent(pipeline);
  return {
    url,
    events,
    upload,
    download: (href: string) => send(href, { headers: { accept: '*/*' } }),
    pipelines: () => call({ path: '/pipelines', answer: pipelineListSchema }),
    pipeline: (pipeline: string) =>
      call({ path: `/pipelines/${of(pipeline)}`, answer: pipelineDetailSchema }),
    startRun: (pipeline: string, body: CreateRun, idempotencyKey: string | undefined) =>
      call({
        method: 'POST',
        path: `/pipelines/${of(pipeline)}/runs`,
        body,
        headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
        answer: runStartedSchema,
      }),
    startSearch: (pipeline: string, body: CreateSearch, idempotencyKey: string | undefined) =>
      call({
        method: 'POST',
        path: `/pipelines/${of(pipeline)}/searches`,
        body,
        headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
        answer: searchStartedSchema,
      }),
    search: (searchId: string) => call({ path: `/searches/${of(searchId)}`, answer: searchSchema }),
    runs: (query: Query) => call({ path: '/runs', query, answer: runListSchema }),
    run: (runId: string) => call({ path: `/runs/${of(runId)}`, answer: runDetailSchema }),
    cancelRun: (runId: string, reason: string | undefined) =>
      call({ method: 'POST', path: `/runs/${of(runId)}/cancel`, body: { reason }, answer: z.unknown() }),
    artifacts: (runId: string) =>
      call({ path: `/runs/${of(runId)}/artifacts`, answer: runArtifactListSchema }),
    addSnapshot: (body: AddSnapshot) =>
      call({ method: 'POST', path: '/snapshots', body, answer: snapshotRequestedSchema }),
    snapshotRequest: (requestId: string) =>
      call({ path: `/snapshot-requests/${of(requestId)}`, answer: snapshotRequestSchema }),
    snapshots: (query: Query) => call({ path: '/snapshots', query, answer: snapshotListSchema }),
    snapshot: (ref: string) => call({ path: `/snapshots/${of(ref)}`, answer: snapshotDetailSchema }),
    createDiff: (body: CreateDiff) =>
      call({ method: 'POST', path: '/snapshot-diffs', body, answer: diffRequestedSchema }),
    diff: (diffId: string) => call({ path: `/snapshot-diffs/${of(diffId)}`, answer: diffSchema }),
    models: () => call({ path: '/models', answer: modelListSchema }),
    versions: (pipeline: string, query: Query) =>
      call({ path: `/models/${of(pipeline)}/versions`, query, answer: modelVersionListSchema }),
    version: (pipeline: string, version: number) =>
      call({ path: `/models/${of(pipeline)}/versions/${version}`, answer: modelVersionSchema }),
    /** The model's bytes, as their SHA-256 is of them. */
    model: async (href: string) =>
      new Uint8Array(await (await send(href, { headers: { accept: '*/*' } })).arrayBuffer()),
    promote: (pipeline: string, version: number, reason: string | undefined) =>
      call({
        method: 'POST',
        path: `/models/${of(pipeline)}/versions/${version}/promote`,
        body: { reason },
        answer: deploymentStartedSchema,
      }),
    rollback: (pipeline: string, body: { version: number | undefined; reason: string | undefined }) =>
      call({
        method: 'POST',
        path: `/models/${of(pipeline)}/rollback`,
        body,
        answer: deploymentStartedSchema,
      }),
    deployment: (pipeline: string, requestId: string) =>
      call({ path: `/models/${of(pipeline)}/deployments/${of(requestId)}`, answer: deploymentSchema }),
    ledger: (pipeline: string, query: Query) =>
      call({ path: `/models/${of(pipeline)}/ledger`, query, answer: ledgerSchema }),
    predict: (pipeline: string, body: PredictRequest) =>
      call({
        method: 'POST',
        path: `/models/${of(pipeline)}/predict`,
        body,
        answer: predictResponseSchema,
      }),
    predictions: (query: Query) => call({ path: '/predictions', query, answer: predictionListSchema }),
    schedules: () => call({ path: '/schedules', answer: scheduleListSchema }),
    putSchedule: (pipeline: string, body: PutSchedule) =>
      call({ method: 'PUT', path: `/schedules/${of(pipeline)}`, body, answer: scheduleSchema }),
    deleteSchedule: (pipeline: string) =>
      call({ method: 'DELETE', path: `/schedules/${of(pipeline)}`, answer: z.unknown() }),
    triggerSchedule: (pipeline: string) =>
      call({
        method: 'POST',
        path: `/schedules/${of(pipeline)}/trigger`,
        body: {},
        answer: scheduleTriggeredSchema,
      }),
    pauseSchedule: (pipeline: string, note: string | undefined) =>
      call({
        method: 'POST',
        path: `/schedules/${of(pipeline)}/pause`,
        body: { note },
        answer: scheduleSchema,
      }),
    resumeSchedule: (pipeline: string, note: string | undefined) =>
      call({
        method: 'POST',
        path: `/schedules/${of(pipeline)}/resume`,
        body: { note },
        answer: scheduleSchema,
      }),
  };
}

/** Undefined for text that is no JSON: an event cut off by a lost connection is sent again. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(url: string, error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND')
    return `Nothing answers at ${url} (${code}). Start Perennial with "npm start", or name another in PERENNIAL_URL.`;
  const detail = cause instanceof Error ? cause.message : String(error);
  return `The connection to ${url} failed: ${detail}`;
}

async function describeProblem(response: Response): Promise<string> {
  const parsed = problemSchema.safeParse(parseJson(await response.text()));
  const retryAfter = response.headers.get('retry-after');
  const lines = parsed.success
    ? summarise(parsed.data)
    : [`The service answered ${response.status} ${response.statusText}`];
  if (response.status === 401) lines.push('Set PERENNIAL_API_KEY to one of the keys of the service.');
  if (retryAfter !== null) lines.push(`Try again in ${retryAfter} s.`);
  return lines.join('\n');
}

/** The fields at fault say more than the detail, which names the first of them. */
function summarise({ title, detail, errors = [] }: Problem): string[] {
  if (errors.length === 0) return [detail === undefined ? title : `${title}: ${detail}`];
  return [`${title}:`, ...errors.map(({ pointer, message }) => `  ${pointer}: ${message}`)];
}
