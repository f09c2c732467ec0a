import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMultipartBody, findUploadFiles } from '../../cli/upload.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-upload-'));
  await writeFile(join(folder, 'b.csv'), 'id\r\n2\r\n--boundary--\r\n');
  await writeFile(join(folder, 'a "quoted".csv'), Buffer.from([0, 255, 13, 10, 45, 45]));
  await writeFile(join(folder, 'notes.md'), 'not data');
});
afterAll(() => rm(folder, { recursive: true }));

describe('upload', () => {
  it('takes the data files of a folder, in the order of their names', async () => {
    expect((await findUploadFiles(folder)).map(({ name }) => name)).toEqual(['a "quoted".csv', 'b.csv']);
  });

  it('takes any single file that is named', async () => {
    expect((await findUploadFiles(join(folder, 'notes.md'))).map(({ name }) => name)).toEqual(['notes.md']);
  });

  it('refuses a path that is not there, and a folder without data', async () => {
    await expect(findUploadFiles(join(folder, 'none'))).rejects.toThrow('no such file or folder');
    const empty = await mkdtemp(join(tmpdir(), 'perennial-empty-'));
    await expect(findUploadFiles(empty)).rejects.toThrow('holds no data file');
    await rm(empty, { recursive: true });
  });

  it('writes a body that another parser reads back byte for byte, of the length it announced', async () => {
    const multipart = createMultipartBody(await findUploadFiles(folder));
    const bytes = await buffer(multipart.body);
    expect(bytes.length).toBe(multipart.contentLength);
    const form = await new Response(new Uint8Array(bytes), {
      headers: { 'content-type': multipart.contentType },
    }).formData();
    const files = form.getAll('files').filter((entry) => typeof entry !== 'string');
    expect(files.map(({ name }) => name)).toEqual(['a "quoted".csv', 'b.csv']);
    const contents = await Promise.all(files.map(async (file) => Buffer.from(await file.arrayBuffer())));
    expect(contents).toEqual([
      Buffer.from([0, 255, 13, 10, 45, 45]),
      Buffer.from('id\r\n2\r\n--boundary--\r\n'),
    ]);
  });
});
