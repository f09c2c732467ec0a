import { createRoutes } from '../context.ts';
import type { OpenApiDocument } from '../docs/document.ts';
import { exampleOrigin } from '../docs/example.ts';
import { renderDocumentation } from '../docs/page.ts';

/** The contract and its page, both made once; the page's examples name the address at which it is read. */
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
    // An origin as a URL has it holds no "<": it can stand in the page's text.
    const { origin } = new URL(c.req.url);
    const shown = page.replaceAll(exampleOrigin, () => origin);
    return c.html(shown, 200, { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'" });
  });
  return routes;
}
