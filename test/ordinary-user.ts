import { chown, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** `nobody` on most systems; any number but 0 will do. */
const ordinaryUser = 65_534;

/** The tests may run as root: then this process is somebody else meanwhile, to whom the folder is given. */
export async function asOrdinaryUser<T>(folder: string, work: () => T | Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  for (const path of await readdir(folder, { recursive: true }))
    await chown(join(folder, path), ordinaryUser, 0);
  await chown(folder, ordinaryUser, 0);
  process.seteuid?.(ordinaryUser);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
