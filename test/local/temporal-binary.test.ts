import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ensureTemporalBinary, NoTemporalBinaryError } from '../../local/temporal-binary.ts';
import { ForeignTemporalDatabaseError, temporalDatabaseFile } from '../../local/temporal-server.ts';
import { createTestFolder } from './command.ts';

const screen = { say: () => undefined, task: () => ({ update: () => undefined, end: () => undefined }) };

function createFolder(): string {
  const folder = createTestFolder();
  onTestFinished(() => folder.remove());
  return folder.path;
}

function writeProgram(output: string): string {
  const path = join(createFolder(), 'temporal');
  writeFileSync(path, `#!/bin/sh\necho "${output}"\n`);
  chmodSync(path, 0o755);
  return path;
}

test('a path that names no program is refused with the variable that names it', async () => {
  const attempt = ensureTemporalBinary({ cliPath: '/nowhere/temporal', screen });
  await expect(attempt).rejects.toThrow(NoTemporalBinaryError);
  await expect(attempt).rejects.toThrow('TEMPORAL_CLI_PATH is "/nowhere/temporal"');
});

test('a CLI whose server is too old is refused with both versions', async () => {
  const cliPath = writeProgram('temporal version 1.0.0 (Server 1.24.2, UI 2.28.0)');
  await expect(ensureTemporalBinary({ cliPath, screen })).rejects.toThrow(
    /server 1\.24\.2 is older than 1\.27/,
  );
});

test('the server version is read from the CLI', async () => {
  const cliPath = writeProgram('temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)');
  const binary = await ensureTemporalBinary({ cliPath, screen });
  expect(binary).toEqual({ path: cliPath, serverVersion: '1.29.1' });
});

test('a database file of another server version is refused, and kept', () => {
  const home = createFolder();
  writeFileSync(join(home, 'temporal-1.28.0.db'), 'history');
  const find = () => temporalDatabaseFile({ home, serverVersion: '1.29.1' });
  expect(find).toThrow(ForeignTemporalDatabaseError);
  expect(find).toThrow(/temporal-1\.28\.0\.db was written by Temporal server 1\.28\.0.*brings 1\.29\.1/);
  expect(temporalDatabaseFile({ home, serverVersion: '1.28.0' })).toBe(join(home, 'temporal-1.28.0.db'));
});
