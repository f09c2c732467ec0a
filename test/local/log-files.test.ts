import { closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { rotateLog } from '../../local/log-files.ts';
import { createTestFolder } from './command.ts';

test('a grown log is moved aside under the part that goes on writing it', () => {
  const folder = createTestFolder();
  onTestFinished(() => folder.remove());
  const file = join(folder.path, 'api.log');
  const grown = 'x'.repeat(21 * 1024 * 1024);
  writeFileSync(file, grown);
  const log = openSync(file, 'a');
  onTestFinished(() => closeSync(log));
  rotateLog(file);
  writeSync(log, 'next\n');
  rotateLog(file);
  expect(readFileSync(file, 'utf8')).toBe('next\n');
  expect(statSync(`${file}.1`).size).toBe(grown.length);
});
