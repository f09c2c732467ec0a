import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const lockSchema = z.object({ note: z.url() });

export const serviceLockFile = (home: string): string => join(home, 'supervisor.lock');

/** Where the service that `npm start` runs on this home answers: its lock says so from ready to stop. */
export function runningServiceUrl(home: string): string | undefined {
  try {
    return lockSchema.parse(JSON.parse(readFileSync(serviceLockFile(home), 'utf8'))).note;
  } catch {
    return undefined;
  }
}
