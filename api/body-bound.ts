import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { httpLimits } from '../contracts/http/shared.ts';
import { HttpProblem } from './problem.ts';

const tooLarge = (): never => {
  throw new HttpProblem(413, `the body has over ${httpLimits.jsonBody} bytes, which is the limit`);
};
const countBody = bodyLimit({ maxSize: httpLimits.jsonBody, onError: tooLarge });

/** They read their bodies as these stream in, each with a bound of its own. */
export const streamedPaths: ReadonlySet<string> = new Set(['/api/v1/uploads', '/api/v1/reviews']);

/**
 * Streamed bodies are never held in memory. A declared length is enough, for the server reads
 * no more than that; counting the bytes would make a whole `Request` of the platform for every prediction.
 */
export const boundBody: MiddlewareHandler = (c, next) => {
  if (c.req.method === 'GET' || streamedPaths.has(c.req.path)) return next();
  const length = c.req.header('content-length');
  if (length === undefined || c.req.header('transfer-encoding') !== undefined) return countBody(c, next);
  return Number(length) > httpLimits.jsonBody ? tooLarge() : next();
};
