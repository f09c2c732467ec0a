import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';

/** The floor under any JSON service on this stack: reads a body, and answers it. Prints its port. */
const app = new Hono().post('/echo', async (c) => c.json(await c.req.json()));
const server = createAdaptorServer({ fetch: app.fetch });
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});
