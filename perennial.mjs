#!/usr/bin/env node
/** The `perennial` command. Builds nothing, so that it answers at once. */
import { existsSync } from 'node:fs';

const entry = new URL('./dist/cli/main.js', import.meta.url);
if (existsSync(entry)) {
  await import(entry.href);
} else {
  process.stderr.write('perennial: not built yet; run `npm run build` first.\n');
  process.exitCode = 1;
}
