import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from 'pino';
import type { Problem } from '../contracts/http/problem.ts';
import { InvalidSource } from '../contracts/source.ts';
import { BlobMissing } from '../store/blob-store.ts';
import type { AppEnv } from './context.ts';
import { databaseFault } from './database-fault.ts';
import { HttpProblem, invalid, notFound, unavailable } from './problem.ts';
import { TemporalUnavailable } from './temporal.ts';

const titles: Record<number, string> = {
  400: 'Malformed request',
  401: 'Authentication required',
  403: 'Refused',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Conflict with the present state',
  413: 'Too large',
  415: 'Unsupported content type',
  417: 'Expectation not met',
  422: 'Invalid',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Internal error',
  503: 'Temporarily unavailable',
};

/** The one place where an error becomes an answer. What is not known is a 500 without its message, and is logged. */
function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof HTTPException) {
    const detail = error.status === 415 ? 'send the body as application/json' : error.message;
    return new HttpProblem(error.status, detail);
  }
  if (error instanceof InvalidSource) return invalid([{ pointer: '/source', message: error.message }]);
  if (error instanceof BlobMissing) return notFound(error.message);
  if (error instanceof TemporalUnavailable) return unavailable(error.message, 5, error);
  switch (databaseFault(error)) {
    case 'unavailable':
      return unavailable('the database cannot be reached', 2, error);
    case 'data':
      return new HttpProblem(422, 'the database refused a value of the request', { cause: error });
    case 'schema-missing':
      return unavailable('the database has not been migrated yet', 5, error);
    default:
      return new HttpProblem(500, 'the server failed to answer; the request id finds the reason in its log', {
        cause: error,
      });
  }
}

export function answerProblem(c: Context<AppEnv>, error: unknown, logger: Logger): Response {
  const problem = toProblem(error);
  const requestId: string | undefined = c.get('requestId');
  if (problem.status >= 500) {
    logger.error({ err: problem.cause ?? problem, requestId, path: c.req.path }, problem.message);
  }
  const { body, headers } = problemDocument(problem, requestId);
  return c.body(body, problem.status, headers);
}

export function problemDocument(
  { status, message, errors, retryAfterSeconds, allow }: HttpProblem,
  requestId: string | undefined,
): { body: string; headers: Record<string, string> } {
  const body: Problem = {
    type: 'about:blank',
    title: titles[status] ?? 'Error',
    status,
    detail: message,
    ...(requestId === undefined ? {} : { requestId }),
    ...(errors.length === 0 ? {} : { errors: [...errors] }),
  };
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
  if (allow !== undefined) headers.allow = allow.join(', ');
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="perennial"';
  return { body: JSON.stringify(body), headers };
}
