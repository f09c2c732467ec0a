import type { HonoRequest } from 'hono';
import { HttpProblem } from './problem.ts';

const jsonType = /^application\/([\w.-]+\+)?json\s*(;|$)/i;
const emptyObject = new TextEncoder().encode('{}');

/**
 * The bytes of a body that is declared as JSON. No body at all is an empty object, whose missing fields are named.
 * @throws HttpProblem 415 where it is declared as something else, or as nothing
 */
export async function readJsonBody(request: HonoRequest): Promise<Uint8Array<ArrayBuffer>> {
  const type = request.header('content-type');
  if (type !== undefined && !jsonType.test(type)) throw new HttpProblem(415, 'Unsupported Media Type');
  const body = new Uint8Array(await request.arrayBuffer());
  if (type !== undefined) return body;
  if (body.byteLength > 0) throw new HttpProblem(415, 'Unsupported Media Type');
  return emptyObject;
}
