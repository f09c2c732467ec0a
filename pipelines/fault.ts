import type { Path } from './declaration-file.ts';

/** Something wrong in a declaration, with the path of its key. */
export type Fault = { path: Path; message: string };

/** A fault where a name is none of those known. */
export function unknownName(path: Path, noun: string, name: string, known: Iterable<string>): Fault[] {
  const names = [...known];
  if (names.includes(name)) return [];
  return [{ path, message: `unknown ${noun} "${name}"; known: ${names.join(', ') || 'none'}` }];
}
