import { createHash, randomUUID } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { access, link, mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline as pipe } from 'node:stream/promises';
import type { SnapshotDetail } from '../contracts/http/snapshots.ts';
import type { Client } from './client.ts';
import { CommandError } from './exit.ts';
import { fileError } from './file-error.ts';

type File = SnapshotDetail['contents'][number];
export type ExportedFile = { file: string; bytes: number; sha256: string };

/**
 * Saves the files under their names. Each is written beside its place, checked, and only then put there, so that what
 * stands under a name is whole.
 * @throws CommandError where a file is there already and `force` is not set, before any is fetched
 */
export async function exportFiles(
  client: Client,
  { files, folder, force }: { files: readonly File[]; folder: string; force: boolean },
): Promise<ExportedFile[]> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw fileError('write', folder, error);
  });
  const targets = files.map((file) => ({ file, path: pathOf(folder, file.name) }));
  if (!force) for (const { path } of targets) await ensureFree(path);
  const exported: ExportedFile[] = [];
  for (const { file, path } of targets) {
    await save(client, { file, path, force });
    exported.push({ file: path, bytes: file.bytes, sha256: file.sha256 });
  }
  return exported;
}

/** The name comes from outside: only a plain one may choose a file. */
function pathOf(folder: string, name: string): string {
  if (name !== basename(name) || name.includes('\\') || name === '.' || name === '..' || name === '')
    throw new CommandError(`The snapshot has a file called ${JSON.stringify(name)}, which no file may be.`);
  return join(folder, name);
}

async function ensureFree(path: string): Promise<void> {
  const isThere = await access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
  if (isThere) throw taken(path);
}

const taken = (path: string) => new CommandError(`${path} is there already; --force overwrites it.`);

async function save(
  client: Client,
  { file, path, force }: { file: File; path: string; force: boolean },
): Promise<void> {
  const { body } = await client.download(file.href);
  if (body === null) throw new CommandError(`${file.href} was answered without content`);
  const temporary = `${path}.${randomUUID()}.part`;
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    await pipe(
      Readable.fromWeb(body),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          bytes += chunk.byteLength;
          yield chunk;
        }
      },
      createWriteStream(temporary, { flags: 'wx', flush: true }),
    );
    const sha256 = hash.digest('hex');
    if (sha256 !== file.sha256)
      throw new CommandError(
        `${file.href} was answered with ${bytes} bytes of SHA-256 ${sha256}, not ${file.bytes} of ${file.sha256}`,
      );
    // A rename would replace what has come there since it was looked for.
    if (force) await rename(temporary, path);
    else await link(temporary, path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw taken(path);
    throw fileError('write', path, error);
  } finally {
    await rm(temporary, { force: true });
  }
}
