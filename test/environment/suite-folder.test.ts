import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAlive, readProcessFile, writeProcessFile } from '../../local/processes.ts';
import { draftPrefix, makeSuiteFolder, removeAbandonedSuites } from './suite-folder.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'perennial-suites-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

/** A process that does nothing until it is ended. */
async function startProcess() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error('a process that was spawned has a pid');
  return { child, pid, exited: once(child, 'exit') };
}

test('the folder of a suite that runs stays, and so does one that a suite is just making', async () => {
  const own = makeSuiteFolder(parent);
  const draft = mkdtempSync(join(parent, draftPrefix));
  await removeAbandonedSuites(parent);
  expect(readProcessFile(join(own, 'suite.pid'))?.pid).toBe(process.pid);
  expect(existsSync(draft)).toBe(true);
});

test('the folder of a suite that was killed goes, and its servers end', async () => {
  const abandoned = makeSuiteFolder(parent);
  const [suite, server] = await Promise.all([startProcess(), startProcess()]);
  writeProcessFile(join(abandoned, 'suite.pid'), suite.pid);
  writeProcessFile(join(abandoned, 'postgres.pid'), server.pid);
  suite.child.kill('SIGKILL');
  await suite.exited;
  await removeAbandonedSuites(parent);
  expect(existsSync(abandoned)).toBe(false);
  expect(isAlive(server.pid)).toBe(false);
});
