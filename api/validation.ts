import type { z } from 'zod';
import { type FieldError, HttpProblem, invalid } from './problem.ts';

export const pointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** At most this many errors are answered: ten thousand bad instances need no ten thousand lines. */
export const maxErrors = 50;

/** A body points by JSON pointer; other places by their name. */
export function fieldErrors(error: z.ZodError, place = ''): FieldError[] {
  const errors = error.issues.flatMap((issue): FieldError[] => {
    const at = `${place}${pointer(issue.path)}`;
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ pointer: `${at}${pointer([key])}`, message: 'is not known here' }));
    }
    return [{ pointer: at, message: issue.message.replace(/^.*received undefined$/, 'is missing') }];
  });
  return errors.slice(0, maxErrors);
}

/** Nothing that is asked here is nested deeper than a few levels; the search below goes down by calling itself. */
const maxDepth = 64;

const loneSurrogate = /\p{Surrogate}/u;

/** Where Postgres would fail the whole statement: NUL, and halves of surrogate pairs. */
export function findUnstorable(value: unknown, path: readonly PropertyKey[] = []): FieldError | null {
  if (typeof value === 'string') {
    if (value.includes('\u0000')) return { pointer: pointer(path), message: 'holds a NUL character' };
    if (loneSurrogate.test(value))
      return { pointer: pointer(path), message: 'holds half of a surrogate pair' };
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  if (path.length > maxDepth)
    return { pointer: pointer(path.slice(0, 3)), message: `is nested deeper than ${maxDepth} levels` };
  for (const [key, inner] of Object.entries(value)) {
    // Nothing of ours is called so, and a schema that takes any name passes it over.
    if (key === '__proto__') return { pointer: pointer([...path, key]), message: 'is not known here' };
    if (key.includes('\u0000') || loneSurrogate.test(key)) {
      return { pointer: pointer(path), message: 'has a key that cannot be stored' };
    }
    if (typeof inner === 'number' || typeof inner === 'boolean') continue;
    const found = findUnstorable(inner, Array.isArray(value) ? [...path, Number(key)] : [...path, key]);
    if (found !== null) return found;
  }
  return null;
}

type Checked = { target: string } & (
  | { success: true; data: unknown }
  | { success: false; error: z.ZodError }
);

/** Refuses what the schemas of a route do not accept, and what could not be stored. */
export function refuseInvalid(result: Checked): void {
  const place = placeOf(result.target);
  if (!result.success) {
    const errors = fieldErrors(result.error, place);
    if (place === '') throw invalid(errors);
    throw new HttpProblem(400, errors.map((error) => `${error.pointer}: ${error.message}`).join('; '), {
      errors,
    });
  }
  const unstorable = findUnstorable(result.data);
  if (unstorable !== null) throw invalid([{ ...unstorable, pointer: `${place}${unstorable.pointer}` }]);
}

/** A body is pointed into from its root; `query`, `param` and `header` are named. */
const placeOf = (target: string): string => (target === 'json' ? '' : target);
