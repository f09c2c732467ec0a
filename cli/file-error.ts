import { CommandError } from './exit.ts';

const reasons: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file or folder'],
  ['EISDIR', 'it is a folder'],
  ['EEXIST', 'it is a file, not a folder'],
  ['ENOTDIR', 'a part of the path is a file, not a folder'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['ENOSPC', 'the disk is full'],
]);

/** What the system said of a file that the user named, without the call that it failed in; any other error as it is. */
export function fileError(doing: 'read' | 'write', path: string, error: unknown): unknown {
  const reason = error instanceof Error && 'code' in error ? reasons.get(error.code) : undefined;
  return reason === undefined ? error : new CommandError(`Cannot ${doing} ${path}: ${reason}.`);
}
