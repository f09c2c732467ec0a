import { createRoutes } from '../context.ts';
import type { OpenApiDocument } from '../docs/document.ts';
import { renderDocumentation } from '../docs/page.ts';

/** The contract and its page, both made once: they are the same for everyone. */
export function documentationRoutes(generate: () => OpenApiDocument) {
  let document: OpenApiDocument | undefined;
  let page: string | undefined;
  const read = (): OpenApiDocument => {
    document ??= generate();
    return document;
  };
  const routes = createRoutes();
  routes.get('/openapi.json', (c) => c.json(read()));
  routes.get('/docs', async (c) => {
    page ??= await renderDocumentation(read());
    return c.html(page, 200, { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'" });
  });
  return routes;
}
