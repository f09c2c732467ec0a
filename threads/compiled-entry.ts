import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A compiled module of this folder: Node 20 loads no `.ts` worker thread. From the sources (tests) it is the built
 * one in `dist`.
 * @throws Error where the project was not built
 */
export function compiledEntry(name: 'thread' | 'fit-helper'): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const folder = import.meta.url.endsWith('.ts') ? join(here, '..', 'dist', 'threads') : here;
  const entry = join(folder, `${name}.js`);
  if (!existsSync(entry)) throw new Error(`${entry} does not exist: build first, with "npm run build"`);
  return entry;
}
