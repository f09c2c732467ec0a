import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { projectRoot } from '../config/paths.ts';

/** Python is not compiled: it runs from the sources, whatever calls it. */
export const peerFolder = join(projectRoot, 'bench/peers');

export const peerProgram = (name: string): string => join(peerFolder, name);

/** Thrown where there is no Python of this name, or it lacks a package. */
class PeerAbsent extends Error {
  override readonly name = 'PeerAbsent';
}

const absentSchema = z.union([
  z.object({ code: z.literal('ENOENT') }),
  z.object({ stderr: z.string().regex(/ModuleNotFoundError/) }),
]);

/**
 * The lines of JSON that a program of `bench/peers` prints, parsed.
 * @throws PeerAbsent
 */
export async function readPeers(
  python: string,
  program: string,
  args: readonly string[],
): Promise<unknown[]> {
  try {
    // Without compiled files beside the sources.
    const { stdout } = await promisify(execFile)(python, ['-B', peerProgram(program), ...args]);
    return stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  } catch (error) {
    const absent = absentSchema.safeParse(error);
    if (!absent.success) throw error;
    const reason =
      'stderr' in absent.data ? absent.data.stderr.trim().split('\n').at(-1) : `there is no ${python}`;
    throw new PeerAbsent(reason, { cause: error });
  }
}

export type AskPeers = (program: string, args: readonly string[]) => Promise<unknown[]>;

/** Like `readPeers`, but once the peers are found to be absent, `say` is told and nobody is asked again. */
export function createAskPeers(python: string, say: (line: string) => void): AskPeers {
  let areThere = true;
  return async (program, args) => {
    if (!areThere) return [];
    try {
      return await readPeers(python, program, args);
    } catch (error) {
      if (!(error instanceof PeerAbsent)) throw error;
      say(`The peers are skipped: ${error.message}`);
      areThere = false;
      return [];
    }
  };
}
