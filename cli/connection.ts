import { z } from 'zod';
import { type Problem, problemSchema } from '../contracts/http/problem.ts';
import { CommandError } from './exit.ts';

/** Thrown when the service refuses a request; the message shows its problem details with each bad field. */
export class RequestRefused extends CommandError {
  override readonly name = 'RequestRefused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Thrown when nothing answers, or an answer breaks off. */
export class ServiceUnreachable extends CommandError {
  override readonly name = 'ServiceUnreachable';
}

export type Query = Record<string, string | number | undefined>;
/** What is asked of the API, and the schema of its answer. */
type Call<Schema extends z.ZodType> = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  answer: Schema;
};

export type Connection = ReturnType<typeof createConnection>;

/** Asks the service at the URL; every answer is parsed by the schema the server's own document is made from. */
export function createConnection({ url, apiKey }: { url: string; apiKey: string | undefined }) {
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
      throw new ServiceUnreachable(unreachable(url, error));
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

  return { send, call };
}

/** A name or id as a part of a path. */
export const part = (text: string): string => encodeURIComponent(text);

/** The header under which a request that is sent again is answered as before. */
export const idempotency = (key: string | undefined): Record<string, string> =>
  key === undefined ? {} : { 'idempotency-key': key };

/** Undefined for text that is no JSON: an event cut off by a lost connection is sent again. */
export function parseJson(text: string): unknown {
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
