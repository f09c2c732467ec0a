import type { Context } from 'hono';
import { routePath } from 'hono/route';
import type { AppDependencies, AppEnv } from './context.ts';

/** Counts an answer, and writes it to the log of a process that is asked for that much. */
export type Observe = (c: Context<AppEnv>, answer: { status: number; ms: number }) => void;

export function createObserve({ metrics, logger }: Pick<AppDependencies, 'metrics' | 'logger'>): Observe {
  return (c, { status, ms }) => {
    // The pattern, not the path: a label a run would be without bound.
    const labels = { method: c.req.method, route: status === 404 ? 'none' : routePath(c), status };
    metrics.requests.observe(labels, ms / 1000);
    if (status >= 400) metrics.errors.inc(labels);
    if (!logger.isLevelEnabled('debug')) return;
    const requestId = c.get('requestId');
    logger.debug({ ...labels, path: c.req.path, ms: Math.round(ms * 10) / 10, requestId }, 'answered');
  };
}
