import { randomUUID } from 'node:crypto';

let latestMs = 0;
let latestText = '';

/**
 * UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits, which are those of a random UUID: the platform keeps
 * a pool of these, where asking for random bytes one id at a time costs more than scoring a row.
 * @returns the id, and the time in it in RFC 3339
 */
export function createPredictionId(): { id: string; at: string } {
  const nowMs = Date.now();
  const time = nowMs.toString(16).padStart(12, '0');
  if (nowMs !== latestMs) {
    latestMs = nowMs;
    latestText = new Date(nowMs).toISOString();
  }
  return { id: `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`, at: latestText };
}

/** RFC 3339. */
export function timeOfId(id: string): string {
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toISOString();
}
