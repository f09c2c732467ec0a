import { randomUUID } from 'node:crypto';
import { constants, createReadStream, type Stats } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CommandError } from './exit.ts';
import { fileError } from './file-error.ts';

const uploadable = /^[^.].*\.(csv|tsv|txt|parquet|pq|xlsx)$/i;

export type UploadFile = { path: string; name: string; bytes: number };

/** The file itself, or the data files of a folder in the order of their names. @throws CommandError */
export async function findUploadFiles(path: string): Promise<UploadFile[]> {
  const found = await readableStats(path);
  if (found.isFile()) return [{ path, name: basename(path), bytes: found.size }];
  if (!found.isDirectory()) throw new CommandError(`${path}: neither a file nor a folder`);
  const names = (await readdir(path)).filter((name) => uploadable.test(name)).sort();
  const files: UploadFile[] = [];
  for (const name of names) {
    const file = await readableStats(join(path, name));
    if (file.isFile()) files.push({ path: join(path, name), name, bytes: file.size });
  }
  if (files.length === 0)
    throw new CommandError(
      `${path}: the folder holds no data file (.csv, .tsv, .txt, .parquet, .pq or .xlsx)`,
    );
  return files;
}

/** What may not be read is told before an upload begins, not in the middle of one. */
async function readableStats(path: string): Promise<Stats> {
  try {
    await access(path, constants.R_OK);
    return await stat(path);
  } catch (error) {
    throw fileError('read', path, error);
  }
}

/**
 * The files as one `multipart/form-data` body that is never whole in memory. The length is known beforehand, so a
 * server can refuse what is too large before a byte is sent.
 */
export function createMultipartBody(files: readonly UploadFile[]): {
  contentType: string;
  contentLength: number;
  body: AsyncGenerator<Uint8Array>;
} {
  const boundary = `perennial-${randomUUID()}`;
  const head = (file: UploadFile) =>
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="${escapeFileName(file.name)}"\r\n` +
        'Content-Type: application/octet-stream\r\n\r\n',
    );
  const tail = Buffer.from(`--${boundary}--\r\n`);
  const lineBreak = Buffer.from('\r\n');

  async function* body(): AsyncGenerator<Uint8Array> {
    for (const file of files) {
      yield head(file);
      yield* createReadStream(file.path);
      yield lineBreak;
    }
    yield tail;
  }
  const contentLength = files.reduce(
    (sum, file) => sum + head(file).length + file.bytes + lineBreak.length,
    tail.length,
  );
  return { contentType: `multipart/form-data; boundary=${boundary}`, contentLength, body: body() };
}

/** As the WHATWG form encoding escapes names. */
function escapeFileName(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
