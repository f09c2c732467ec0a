import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tryLock } from '../../local/lock.ts';
import { createTestFolder } from './command.ts';

function createLockFile(): string {
  const folder = createTestFolder();
  onTestFinished(() => folder.remove());
  return join(folder.path, 'lock');
}

test('a held lock tells the second comer who holds it, and a released one is free', () => {
  const file = createLockFile();
  const first = tryLock(file);
  if (!first.held) throw new Error('the lock is new');
  first.annotate('at the dashboard');
  expect(tryLock(file)).toEqual({
    held: false,
    holder: expect.objectContaining({ pid: process.pid, note: 'at the dashboard' }),
  });
  first.release();
  expect(tryLock(file).held).toBe(true);
});

test('a lock is taken over from a dead process, and from a live one that only has its pid', () => {
  const file = createLockFile();
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  for (const holder of [
    { pid, identity: 'unknown', note: '' },
    { pid: process.pid, identity: 'an earlier start', note: '' },
  ]) {
    writeFileSync(file, JSON.stringify(holder));
    const lock = tryLock(file);
    if (!lock.held) throw new Error('the holder is dead');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
    lock.release();
  }
});
