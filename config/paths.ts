import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json, from the sources as well as from `dist/`. */
export const projectRoot = findProjectRoot(dirname(fileURLToPath(import.meta.url)));

function findProjectRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}`);
  return findProjectRoot(parent);
}

/**
 * What the build made of a path of the project: what processes and threads of our own run, whatever this process was
 * loaded from, since Node 20 loads no `.ts`.
 * @throws Error where it was not built
 */
export function compiledFile(path: string): string {
  const file = join(projectRoot, 'dist', path);
  if (!existsSync(file)) throw new Error(`${file} does not exist: build first, with "npm run build"`);
  return file;
}
