import type { HonoRequest } from 'hono';
import { parseJson } from './json.ts';
import { HttpProblem, invalid } from './problem.ts';
import { findUnstorable } from './validation.ts';

const jsonType = /^application\/([\w.-]+\+)?json\s*(;|$)/i;
const emptyObject = new TextEncoder().encode('{}');

/**
 * The bytes of a body that is declared as JSON. No body at all is an empty object, whose missing fields are named.
 * @throws HttpProblem 415 where it is declared as something else, or as nothing
 */
export async function readJsonBody(request: HonoRequest): Promise<Uint8Array<ArrayBuffer>> {
  refusePacked(request);
  const type = request.header('content-type');
  if (type !== undefined && !jsonType.test(type)) {
    throw new HttpProblem(415, `send the body as application/json, not as "${type}"`);
  }
  const body = new Uint8Array(await request.arrayBuffer());
  if (type !== undefined) return body;
  if (body.byteLength > 0) {
    throw new HttpProblem(415, 'send the body as application/json; it came without a content type');
  }
  return emptyObject;
}

/**
 * Reads a body that is declared as JSON ahead of its route, whose own parser would not say what is wrong with it.
 * @throws HttpProblem 400, or 422 for what could not be stored
 */
export async function checkJson(request: HonoRequest): Promise<void> {
  const type = request.header('content-type');
  if (type === undefined || !jsonType.test(type)) return;
  const unstorable = findUnstorable(parseJson(new Uint8Array(await request.arrayBuffer())));
  if (unstorable !== null) throw invalid([unstorable]);
}

/** @throws HttpProblem 415 for a body that is packed */
export function refusePacked(request: HonoRequest): void {
  const encoding = request.header('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new HttpProblem(415, `send the body as it is, without content-encoding "${encoding}"`);
  }
}
