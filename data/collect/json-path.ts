/** What stands at a path of keys and positions with dots between; `.` is the whole, undefined where nothing is. */
export function valueAt(value: unknown, path: string): unknown {
  if (path === '.') return value;
  let at = value;
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
