import type { z } from 'zod';

export type Path = readonly PropertyKey[];

/** Something wrong in a declaration, with the path of its key. */
export type Fault = { path: Path; message: string };

/** A fault where a name is none of those known. */
export function unknownName(path: Path, noun: string, name: string, known: Iterable<string>): Fault[] {
  const names = [...known];
  if (names.includes(name)) return [];
  return [{ path, message: `unknown ${noun} "${name}"; known: ${names.join(', ') || 'none'}` }];
}

/** What a schema found wrong with `value`, a fault for each key. */
export function faultsOfIssues(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  above: Path = [],
): readonly Fault[] {
  return issues.flatMap((issue): readonly Fault[] => {
    const path = [...above, ...issue.path];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: [...path, key], message: 'unknown key' }));
    // Zod's own message says only that there is one.
    if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ path, message }));
    if (!has(value, path)) return [{ path, message: 'is missing' }];
    const meant = issue.code === 'invalid_union' ? nearestForm(issue.errors) : undefined;
    return meant === undefined ? [{ path, message: issue.message }] : faultsOfIssues(meant, value, path);
  });
}

/** Of the forms that a value may have, the one it was most likely meant to have: of the right type, with the fewest issues. */
function nearestForm(forms: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const isOfOtherType = (issues: z.core.$ZodIssue[]): boolean =>
    issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0);
  const distance = (issues: z.core.$ZodIssue[]): number =>
    issues.length + (isOfOtherType(issues) ? Number.MAX_SAFE_INTEGER / 2 : 0);
  return forms.toSorted((left, right) => distance(left) - distance(right))[0];
}

function has(value: unknown, path: Path): boolean {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return false;
    at = Reflect.get(at, key);
  }
  return true;
}
