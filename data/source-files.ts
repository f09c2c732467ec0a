import { mkdir, mkdtemp, open, readdir, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import type { BlobRef, Snapshot } from '../contracts/data.ts';
import { type Languages, parseSource, type ReviewsSource, type Source } from '../contracts/source.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { SourceNotFound, SourceRefused } from './errors.ts';
import type { HttpsReader } from './https/https-reader.ts';

type SourceFormat = Snapshot['files'][number]['format'];
export type StoredFile = { name: string; blob: BlobRef };

/** What the kinds of source need from outside. */
export type SourceReaders = {
  /** Writes the tables of a demo data set as files into the folder; deterministic in all but the folder. */
  demo(options: {
    name: string;
    rows: number;
    seed: number;
    languages?: Languages;
    folder: string;
    signal?: AbortSignal;
  }): Promise<unknown>;
  /** The files of an upload, or undefined where there is none. */
  uploads: { files(id: string): Promise<StoredFile[] | undefined> };
  snapshots: { find(ref: string): Promise<Snapshot | undefined> };
  /** Writes the reviews that were taken in as files into the folder; how many there are. */
  reviews(options: {
    source: ReviewsSource;
    folder: string;
    signal?: AbortSignal | undefined;
  }): Promise<number>;
  /** Folders that `folder:` sources may lie in. */
  sourceRoots: readonly string[];
  https: HttpsReader;
};

/**
 * Brings the files of a source into the store and names them, sorted by name.
 *
 * @throws InvalidSource, SourceNotFound, SourceRefused, SourceDiffers, SourceUnavailable
 */
export async function storeSourceFiles(input: {
  source: string;
  store: BlobStore;
  readers: SourceReaders;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: { file: string; done: number; of: number }) => void) | undefined;
}): Promise<StoredFile[]> {
  const source = parseSource(input.source);
  const files = await filesOf(source, input);
  if (files.length === 0) throw new SourceNotFound(`"${input.source}" holds no .csv, .parquet or .xlsx file`);
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function filesOf(source: Source, input: Parameters<typeof storeSourceFiles>[0]): Promise<StoredFile[]> {
  const { readers } = input;
  switch (source.kind) {
    case 'demo':
      return withTemporaryFolder(async (folder) => {
        const { kind: _, ...asked } = source;
        const signal = input.signal === undefined ? {} : { signal: input.signal };
        await readers.demo({ ...asked, folder, ...signal });
        return storePaths(await pathsUnder(folder), input);
      });
    case 'upload': {
      const files = await readers.uploads.files(source.id);
      if (files === undefined) throw new SourceNotFound(`there is no upload ${source.id}`);
      return [...files];
    }
    case 'snapshot': {
      const snapshot = await readers.snapshots.find(source.ref);
      if (snapshot === undefined) throw new SourceNotFound(`there is no snapshot "${source.ref}"`);
      return snapshot.files.map(({ name, blob }) => ({ name, blob }));
    }
    case 'reviews':
      return withTemporaryFolder(async (folder) => {
        const written = await readers.reviews({ source, folder, signal: input.signal });
        if (written === 0) throw new SourceNotFound(`no review was taken in that "${input.source}" names`);
        return storePaths(await pathsUnder(folder), input);
      });
    case 'folder':
      return storePaths(await allowedPaths(source.path, readers.sourceRoots), input);
    case 'https': {
      const { name } = source;
      const { store, signal } = input;
      const onProgress = (done: number) => input.onProgress?.({ file: name, done, of: 1 });
      return [{ name, blob: await readers.https.store(source, { store, signal, onProgress }) }];
    }
    default:
      return source satisfies never;
  }
}

type FoundFile = { name: string; path: string };

async function storePaths(
  found: FoundFile[],
  { store, signal, onProgress }: Parameters<typeof storeSourceFiles>[0],
): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for (const [done, { name, path }] of found.entries()) {
    signal?.throwIfAborted();
    onProgress?.({ file: name, done, of: found.length });
    files.push({ name, blob: await store.putFile(path, { signal }) });
  }
  return files;
}

/** A file, or the files directly in a folder, whose real paths lie under one of the roots. */
async function allowedPaths(path: string, roots: readonly string[]): Promise<FoundFile[]> {
  const realRoots = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)));
  const ensureAllowed = async (candidate: string, leads: string): Promise<string> => {
    const real = await realpath(candidate).catch(() => undefined);
    if (real === undefined) throw new SourceNotFound(`"${candidate}" does not exist or cannot be read`);
    if (!realRoots.some((root) => root !== undefined && isInside(real, root)))
      throw new SourceRefused(
        `"${candidate}" ${leads} outside the folders that sources may come from (SOURCE_ROOTS)`,
      );
    return real;
  };
  const real = await ensureAllowed(path, 'lies');
  const isFolder = (await stat(real)).isDirectory();
  const found = isFolder ? await pathsUnder(real) : [{ name: basename(path), path: real }];
  const allowed: FoundFile[] = [];
  for (const { name, path: given } of found) {
    const file = { name, path: await ensureAllowed(given, 'leads') };
    // A link to a folder is passed over like a folder.
    if (await isReadableFile(given, file.path)) allowed.push(file);
  }
  return allowed;
}

/**
 * False for a folder. A pipe or a device would be waited on without end, so nothing but files is opened.
 * @throws SourceRefused
 */
async function isReadableFile(given: string, real: string): Promise<boolean> {
  const found = await stat(real);
  if (found.isDirectory()) return false;
  if (!found.isFile()) throw new SourceRefused(`"${given}" is no regular file`);
  try {
    // `access` would ask for the real user, where the effective one counts.
    await (await open(real)).close();
  } catch (cause) {
    throw new SourceRefused(`"${given}" cannot be read: permission denied`, { cause });
  }
  return true;
}

const isInside = (path: string, root: string): boolean => {
  const step = relative(root, path);
  return step === '' || (step !== '..' && !step.startsWith(`..${sep}`));
};

async function pathsUnder(folder: string): Promise<FoundFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter(
      (entry) => !entry.isDirectory() && !entry.name.startsWith('.') && formatOf(entry.name) !== undefined,
    )
    .map((entry) => ({ name: entry.name, path: join(folder, entry.name) }));
}

/** The format that a file's name promises; text files with any of the usual endings are CSV. */
export function formatOf(name: string): SourceFormat | undefined {
  if (/\.xlsx$/i.test(name)) return 'xlsx';
  if (/\.(parquet|pq)$/i.test(name)) return 'parquet';
  return /\.(csv|tsv|txt)$/i.test(name) ? 'csv' : undefined;
}

async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(tmpdir(), { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'perennial-demo-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
