import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { FolderCollector } from '../../contracts/collector.ts';
import { SourceNotFound, SourceRefused } from '../errors.ts';
import { matchesGlob } from '../glob.ts';

export type WatchedFile = {
  path: string;
  /** From the folder. */
  name: string;
  /** Changes whenever the file is written to. */
  stamp: string;
};

/**
 * The files of a folder that nobody is writing to any more, by name. Those that changed a moment ago, and what programs
 * call their unfinished files, are left for another time.
 *
 * @throws SourceNotFound, SourceRefused
 */
export async function listSettledFiles(
  { path, files, settledSeconds }: Pick<FolderCollector, 'path' | 'files' | 'settledSeconds'>,
  { roots, nowMs }: { roots: readonly string[]; nowMs: number },
): Promise<WatchedFile[]> {
  const folder = await realFolder(path);
  const realRoots = await Promise.all(roots.map((root) => realpath(root).catch(() => null)));
  // Links are followed first: one inside a root may lead out of it.
  if (!realRoots.some((root) => root !== null && (folder === root || folder.startsWith(root + sep))))
    throw new SourceRefused(
      roots.length === 0
        ? 'no folder may be read here: SOURCE_ROOTS is empty'
        : `"${path}" is not a folder under one of SOURCE_ROOTS`,
    );
  const found: WatchedFile[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const { name } = entry;
    if (!entry.isFile() || isUnfinished(name) || !files.some((pattern) => matchesGlob(name, pattern)))
      continue;
    const stamp = await stampOf(join(folder, name));
    if (stamp === null || nowMs - stamp.modifiedMs < settledSeconds * 1000) continue;
    found.push({ path: join(folder, name), name, stamp: stamp.text });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether a file is still as it was when it was listed. */
export async function isUnchanged({ path, stamp }: WatchedFile): Promise<boolean> {
  return (await stampOf(path))?.text === stamp;
}

const isUnfinished = (name: string): boolean => /^[.~]|\.(?:part|partial|tmp|crdownload)$/i.test(name);

async function realFolder(path: string): Promise<string> {
  const folder = await realpath(path).catch(() => null);
  if (folder === null || !(await stat(folder)).isDirectory())
    throw new SourceNotFound(`there is no folder "${path}" where the worker runs`);
  return folder;
}

async function stampOf(path: string): Promise<{ text: string; modifiedMs: number } | null> {
  // A file may be gone by now.
  const facts = await stat(path, { bigint: true }).catch(() => null);
  return facts === null
    ? null
    : {
        text: `${path}\n${facts.size} ${facts.mtimeNs} ${facts.ino}`,
        modifiedMs: Number(facts.mtimeNs / 1_000_000n),
      };
}
