import { afterAll, beforeAll, expect, test } from 'vitest';
import { multipartBoundary, readFileParts, safeFileName } from '../../api/multipart.ts';
import { problemSchema } from '../../contracts/http/problem.ts';
import { uploadSchema } from '../../contracts/http/uploads.ts';
import { findUpload } from '../../db/queries/uploads.ts';
import { readAs, type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService({});
});
afterAll(() => service.stop());

const post = (body: FormData | string, headers: Record<string, string> = {}) =>
  service.app.request('/api/v1/uploads', { method: 'POST', body, headers });

test('several files are in the store before the answer, byte for byte', async () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7919) % 256);
  const form = new FormData();
  form.append('file', new File(['a,b\r\n1,2\r\n'], 'orders.csv'));
  form.append('note', 'passed over');
  form.append('file', new File([bytes], '../../etc/items.parquet'));
  const upload = await readAs(uploadSchema, post(form), 201);
  expect(upload.files.map(({ name }) => name)).toEqual(['orders.csv', 'items.parquet']);
  const [orders, items] = upload.files;
  if (orders === undefined || items === undefined) throw new Error('two files were sent');
  expect((await service.store.read(orders.sha256)).toString()).toBe('a,b\r\n1,2\r\n');
  expect(new Uint8Array(await service.store.read(items.sha256))).toEqual(bytes);
  const stored = await findUpload(service.db, upload.source.replace('upload:', ''));
  expect(stored?.files).toEqual(upload.files);
});

test('refuses what is no multipart body, holds no file, or names one twice', async () => {
  await readAs(problemSchema, post('{}', { 'content-type': 'application/json' }), 415);
  const empty = new FormData();
  empty.append('note', 'no file');
  await readAs(problemSchema, post(empty), 422);
  const twice = new FormData();
  twice.append('file', new File(['a'], 'a.csv'));
  twice.append('file', new File(['b'], 'folder/a.csv'));
  const problem = await readAs(problemSchema, post(twice), 422);
  expect(problem.detail).toContain('a.csv');
});

test('a body that is cut off is malformed, and leaves no upload', async () => {
  const type = { 'content-type': 'multipart/form-data; boundary=xx' };
  const cut = '--xx\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n1,2';
  await readAs(problemSchema, post(cut, type), 400);
});

test.each([1, 2, 3, 7, 50])('reads the same parts from chunks of %i bytes', async (size) => {
  const text =
    'preamble\r\n--b\r\nContent-Disposition: form-data; name="f"; filename="x.csv"\r\n\r\nline\r\n--x\r\n-- b\r\n' +
    '\r\n--b\r\nContent-Disposition: form-data; name="f"; filename="empty"\r\n\r\n\r\n--b--\r\n';
  const all = Buffer.from(text);
  const chunks = async function* () {
    for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
  };
  const parts: [string, string][] = [];
  for await (const { fileName, bytes } of readFileParts(chunks(), 'b')) {
    const pieces: Uint8Array[] = [];
    for await (const piece of bytes) pieces.push(Uint8Array.from(piece));
    parts.push([fileName, Buffer.concat(pieces).toString()]);
  }
  expect(parts).toEqual([
    ['x.csv', 'line\r\n--x\r\n-- b\r\n'],
    ['empty', ''],
  ]);
});

test.each([
  ['..\\..\\boot.ini', 'boot.ini'],
  ['.env', 'env'],
  ['a\u0000b\u202e.csv', 'a_b_.csv'],
  ['Ação pública.csv', 'Ação pública.csv'],
])('takes %j as %j', (given, name) => {
  expect(safeFileName(given)).toBe(name);
});

test('finds a boundary in quotes and after other parameters', () => {
  expect(multipartBoundary('multipart/form-data; charset=utf-8; boundary="a b"')).toBe('a b');
  expect(() => multipartBoundary('text/csv')).toThrow();
});
