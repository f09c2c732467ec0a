import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BlobMissing } from '../../store/blob-store.ts';
import { createFolderStore } from '../../store/folder-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('names bytes by their hash and gives them back', async () => {
  const store = await createFolderStore(folder);
  const ref = await store.put(Buffer.from('lagarta'));
  expect(ref).toEqual({ sha256: sha256('lagarta'), bytes: 7 });
  expect((await store.read(ref.sha256)).toString()).toBe('lagarta');
  expect((await buffer(await store.get(ref.sha256))).toString()).toBe('lagarta');
  expect((await stat(await store.localPath(ref.sha256))).size).toBe(7);
});

test('stores the same bytes once, from memory, a stream and a file at the same time', async () => {
  const store = await createFolderStore(folder);
  await writeFile(join(folder, 'source.txt'), 'same');
  const refs = await Promise.all([
    store.put(Buffer.from('same')),
    store.put(Readable.from([Buffer.from('sa'), Buffer.from('me')])),
    store.putFile(join(folder, 'source.txt')),
  ]);
  expect(new Set(refs.map((ref) => ref.sha256))).toEqual(new Set([sha256('same')]));
  expect(await all(store.list())).toEqual([{ sha256: sha256('same'), bytes: 4 }]);
  expect(await readdir(join(folder, 'incoming'))).toEqual([]);
});

test('takes a damaged blob away, so that the next put mends it', async () => {
  const store = await createFolderStore(folder);
  const ref = await store.put(Buffer.from('lagarta'));
  expect(await store.isWhole(ref)).toBe(true);
  // Of the same length: a put that goes by the size would leave it.
  await writeFile(await store.localPath(ref.sha256), 'lagarto');
  expect(await store.isWhole(ref)).toBe(false);
  expect(await store.find(ref.sha256)).toBeUndefined();
  expect(await store.isWhole(ref)).toBe(false);
  await store.put(Buffer.from('lagarta'));
  expect(await store.isWhole(ref)).toBe(true);
});

test('keeps nothing of a stream that fails', async () => {
  const store = await createFolderStore(folder);
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('half');
      throw new Error('connection lost');
    })(),
  );
  await expect(store.put(broken)).rejects.toThrow('connection lost');
  expect(await all(store.list())).toEqual([]);
  expect(await readdir(join(folder, 'incoming'))).toEqual([]);
});

test('says which blob is missing, and refuses what is no hash', async () => {
  const store = await createFolderStore(folder);
  const missing = sha256('never put');
  expect(await store.find(missing)).toBeUndefined();
  await expect(store.read(missing)).rejects.toThrow(BlobMissing);
  await expect(store.localPath('../../etc/passwd')).rejects.toThrow('64 lower-case hexadecimal digits');
});

test('sweeps at start what a dead process left, and spares what a living or a distant one writes', async () => {
  await createFolderStore(folder);
  const { pid: deadPid } = spawnSync(process.execPath, ['--version']);
  const busy = [`${process.ppid}@${hostname()}@busy`, `${deadPid}@elsewhere@busy`];
  for (const name of [`${deadPid}@${hostname()}@left`, ...busy])
    await writeFile(join(folder, 'incoming', name), 'half');
  await createFolderStore(folder);
  expect((await readdir(join(folder, 'incoming'))).sort()).toEqual([...busy].sort());
  const twoDaysLater = () => Date.now() + 2 * 24 * 60 * 60 * 1000;
  await createFolderStore(folder, twoDaysLater);
  expect(await readdir(join(folder, 'incoming'))).toEqual([]);
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

test('keeps nothing of bytes that have another hash than was expected', async () => {
  const store = await createFolderStore(folder);
  const expected = sha256('expected');
  await expect(store.put(Buffer.from('found'), { expected })).rejects.toThrow(
    `5 bytes have the SHA-256 ${sha256('found')}, not ${expected}`,
  );
  expect(await all(store.list())).toEqual([]);
  expect(await readdir(join(folder, 'incoming'))).toEqual([]);
  expect(await store.put(Buffer.from('expected'), { expected })).toEqual({ sha256: expected, bytes: 8 });
  expect(await store.find(expected)).toEqual({ sha256: expected, bytes: 8 });
});
