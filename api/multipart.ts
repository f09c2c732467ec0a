import { HttpProblem } from './problem.ts';

/** One file of a `multipart/form-data` body. Its bytes must be read before the next part is asked for. */
export type FilePart = { fileName: string; bytes: AsyncGenerator<Uint8Array, void, void> };

const headerLimitBytes = 16 * 1024;
const malformed = (detail: string): HttpProblem => new HttpProblem(400, `the multipart body ${detail}`);

/** @throws HttpProblem 415 when it is none */
export function multipartBoundary(contentType: string | undefined): string {
  const [, quoted, plain] =
    /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))/i.exec(contentType ?? '') ??
    [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) {
    throw new HttpProblem(
      415,
      'send multipart/form-data with a boundary, as `curl -F file=@orders.csv` does',
    );
  }
  return boundary;
}

/**
 * The files of a body as they arrive, holding no more of it than a chunk and a boundary. Fields that are no files
 * are passed over.
 * @throws HttpProblem 400 where the body is cut off or malformed
 */
export async function* readFileParts(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<FilePart, void, void> {
  const window = createWindow(body);
  // The first boundary may stand at the very start, the others follow a line break.
  window.prepend('\r\n');
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  for await (const _ of window.until(delimiter)); // what precedes the first part means nothing
  for (;;) {
    if (await window.take('--')) return;
    if (!(await window.take('\r\n'))) throw malformed('has a boundary that ends neither a part nor the body');
    const headers = await window.headers();
    const fileName = fileNameOf(headers);
    const bytes = window.until(delimiter);
    if (fileName !== null) yield { fileName, bytes };
    for await (const _ of bytes); // what the reader left, or a field
  }
}

type Window = {
  prepend(text: string): void;
  until(delimiter: Buffer): AsyncGenerator<Uint8Array, void, void>;
  take(text: string): Promise<boolean>;
  headers(): Promise<string>;
};

function createWindow(body: AsyncIterable<Uint8Array>): Window {
  const source = body[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  const more = async (): Promise<void> => {
    const { value, done } = await source.next();
    if (done === true) throw malformed('is cut off before its last boundary');
    held =
      held.length === 0
        ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        : Buffer.concat([held, value]);
  };
  return {
    prepend(text) {
      held = Buffer.concat([Buffer.from(text), held]);
    },
    async *until(delimiter) {
      for (;;) {
        const found = held.indexOf(delimiter);
        if (found >= 0) {
          const piece = held.subarray(0, found);
          held = held.subarray(found + delimiter.length);
          if (piece.length > 0) yield piece;
          return;
        }
        // The last bytes may be the beginning of a boundary.
        const safe = held.length - delimiter.length + 1;
        if (safe > 0) {
          const piece = held.subarray(0, safe);
          held = held.subarray(safe);
          yield piece;
        }
        await more();
      }
    },
    async take(text) {
      while (held.length < text.length) await more();
      if (held.subarray(0, text.length).toString('latin1') !== text) return false;
      held = held.subarray(text.length);
      return true;
    },
    async headers() {
      for (;;) {
        const end = held.indexOf('\r\n\r\n');
        if (end >= 0 && end <= headerLimitBytes) {
          const text = held.subarray(0, end).toString('utf8');
          held = held.subarray(end + 4);
          return text;
        }
        if (held.length > headerLimitBytes)
          throw malformed(`has part headers over ${headerLimitBytes} bytes`);
        await more();
      }
    },
  };
}

function fileNameOf(headers: string): string | null {
  const disposition = headers.split('\r\n').find((line) => /^content-disposition\s*:/i.test(line));
  if (disposition === undefined) throw malformed('has a part without Content-Disposition');
  const [, encoded] = /;\s*filename\*=UTF-8''([^;\s]+)/i.exec(disposition) ?? [];
  if (encoded !== undefined) return decodeName(encoded);
  const [, quoted, plain] = /;\s*filename=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(disposition) ?? [];
  // A backslash before anything but a quote is part of a path of Windows.
  return quoted?.replaceAll('\\"', '"') ?? plain ?? null;
}

function decodeName(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw malformed(`has a file name that is not percent-encoded UTF-8: "${encoded}"`);
  }
}

const longestName = 200;

/**
 * The last part of a path, without control characters and what file systems and shells take as special.
 * @throws HttpProblem 422 where nothing is left
 */
export function safeFileName(fileName: string): string {
  const last = fileName.split(/[/\\]/).at(-1) ?? '';
  const safe = last
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cs}\p{Cf}<>:"|?*]/gu, '_')
    .replace(/^\.+/, '');
  if (safe.trim() === '') throw new HttpProblem(422, `"${last}" is no file name`);
  // By characters: half of a pair could not be stored.
  return [...safe].slice(-longestName).join('');
}
