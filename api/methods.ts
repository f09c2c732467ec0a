/** The methods that a path takes, in the order of the routes; none where nothing is at the path. */
export type MethodsOf = (path: string) => readonly string[];

/**
 * @param routes as Hono lists them: middleware is of all methods, and the dashboard's files of every path
 */
export function createMethods(routes: readonly { method: string; path: string }[]): MethodsOf {
  const patterns = routes
    .filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
    .map(({ method, path }) => ({ method, pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`) }));
  return (path) => {
    const methods = new Set(patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method));
    return [...methods].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  };
}
