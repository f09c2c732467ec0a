import { readFileSync } from 'node:fs';

const reasons: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such'],
  ['ENOTDIR', 'there is no such'],
  ['EISDIR', 'a folder stands in place of the'],
  ['EACCES', 'this process has no permission to read the'],
  ['EPERM', 'this process has no permission to read the'],
]);

/**
 * The text of a file that somebody named, or why there is none.
 * @param noun what the file is called in the reason
 * @throws what the system says of no mistake of theirs
 */
export function readText(file: string, noun: string): { text: string } | { reason: string } {
  try {
    return { text: readFileSync(file, 'utf8') };
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? reasons.get(error.code) : undefined;
    if (reason === undefined) throw error;
    return { reason: `${reason} ${noun}` };
  }
}
