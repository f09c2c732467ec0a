import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../config/config.ts';
import { checkDeclaredFolders } from '../../local/declared-folders.ts';
import { createTestFolder } from './command.ts';

function createFolder(): string {
  const { path, remove } = createTestFolder();
  onTestFinished(remove);
  return path;
}

test.each(['SOURCE_ROOTS', 'PIPELINES_DIR'])('a folder of %s that does not exist is named', async (name) => {
  const missing = join(createFolder(), 'missing');
  await expect(checkDeclaredFolders(readConfig({ [name]: missing }))).rejects.toThrow(
    `${name} names "${missing}", which is no folder.`,
  );
});

test('a file is no folder of sources', async () => {
  const file = join(createFolder(), 'orders.csv');
  writeFileSync(file, 'order_id\n');
  await expect(checkDeclaredFolders(readConfig({ SOURCE_ROOTS: file }))).rejects.toThrow(`names "${file}"`);
});

test('a declaration that cannot be used is refused with its file, line and key', async () => {
  const folder = createFolder();
  mkdirSync(join(folder, 'mine'));
  writeFileSync(join(folder, 'mine', 'pipeline.yaml'), 'name: mine\ntask: guess\n');
  await expect(checkDeclaredFolders(readConfig({ PIPELINES_DIR: folder }))).rejects.toThrow(
    /mine\/pipeline\.yaml:2:1: task/,
  );
});

test('settings that cannot be used are refused with their file, line, column and key', async () => {
  const file = join(createFolder(), 'ours.yaml');
  await expect(checkDeclaredFolders(readConfig({ PERENNIAL_SETTINGS: file }))).rejects.toThrow(
    `${file}:1:1: there is no such settings file`,
  );
  writeFileSync(file, 'pipelines:\n  olist-score: { tiers: [] }\n');
  await expect(checkDeclaredFolders(readConfig({ PERENNIAL_SETTINGS: file }))).rejects.toThrow(
    `${file}:2:18: pipelines.olist-score.tiers: a regression task has none`,
  );
});

test('a store of a kind that is not there is refused', () => {
  expect(() => readConfig({ ARTIFACTS_URL: 's3://bucket/models' })).toThrow(
    'ARTIFACTS_URL is "s3://bucket/models"; allowed: a URL such as file:///var/lib/perennial.',
  );
});

test('folders that exist are accepted', async () => {
  const folder = createFolder();
  await checkDeclaredFolders(readConfig({ SOURCE_ROOTS: folder, PIPELINES_DIR: folder }));
});
