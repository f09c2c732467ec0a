/** `npm start`: checks what must be there, builds what has changed, and hands over to the supervisor. */
import { existsSync, readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));
const wanted = engines.node.replace(/^>=/, '').split('.').map(Number);
const found = process.versions.node.split('.').map(Number);
const firstDifference = wanted.findIndex((part, index) => part !== found[index]);
if (firstDifference !== -1 && found[firstDifference] < wanted[firstDifference]) {
  fail(`this is Node ${process.versions.node}; Node ${engines.node} is needed.`);
}
if (!existsSync(new URL('./node_modules/@temporalio/worker', import.meta.url))) {
  fail('the dependencies are not installed: run `npm ci` first.');
}

// A production image holds dist/ alone; a checkout may have changed since its last build.
if (existsSync(new URL('./tsconfig.build.json', import.meta.url))) {
  const { build } = await import('./build.mjs');
  await build().catch((error) => fail(`the build failed: ${error.message}`));
}
await import('./dist/local/main.js');

function fail(message) {
  process.stderr.write(`perennial: ${message}\n`);
  process.exit(1);
}
