import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { createRoutes } from '../context.ts';

const contentPolicy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** The built dashboard; where there is none, `GET /` leads to the documentation. */
export function dashboardRoutes(folder: string | undefined) {
  const routes = createRoutes();
  if (folder === undefined || !existsSync(join(folder, 'index.html'))) {
    routes.get('/', (c) => c.redirect('/docs'));
    return routes;
  }
  routes.get(
    '/*',
    serveStatic({
      root: folder,
      onFound: (_, c) => {
        c.header('content-security-policy', contentPolicy);
        // Names hold no hash: what a new version serves must not be mixed with what a browser has kept.
        c.header('cache-control', 'no-cache');
      },
    }),
  );
  return routes;
}
