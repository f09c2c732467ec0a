import { randomUUID } from 'node:crypto';
import type { HonoRequest } from 'hono';

const givenId = /^[\w.:-]{1,100}$/;

/** The caller's, if it is one that a log and a header can hold. */
export function requestIdOf(request: HonoRequest): string {
  const given = request.header('x-request-id');
  return given !== undefined && givenId.test(given) ? given : randomUUID();
}
