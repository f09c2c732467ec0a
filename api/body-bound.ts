import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { httpLimits } from '../contracts/http/shared.ts';
import { HttpProblem } from './problem.ts';

const tooLarge = (): never => {
  throw new HttpProblem(413, `the body has over ${httpLimits.jsonBody} bytes, which is the limit`);
};
const countBody = bodyLimit({ maxSize: httpLimits.jsonBody, onError: tooLarge });

/**
 * Uploads have a bound of their own and are never held in memory. A declared length is enough, for the server reads
 * no more than that; counting the bytes would make a whole `Request` of the platform for every prediction.
 */
export const boundBody: MiddlewareHandler = (c, next) => {
  if (c.req.method === 'GET' || c.req.path === '/api/v1/uploads') return next();
  const length = c.req.header('content-length');
  if (length === undefined || c.req.header('transfer-encoding') !== undefined) return countBody(c, next);
  return Number(length) > httpLimits.jsonBody ? tooLarge() : next();
};
