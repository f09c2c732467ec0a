import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { endProcess, readProcessFile, writeProcessFile } from '../../local/processes.ts';

const namePrefix = 'perennial-test-';
export const draftPrefix = 'perennial-draft-';

/**
 * The folder of this suite's servers. It gets its name once it says whose it is: another suite that starts at the same
 * moment would take it for an abandoned one.
 */
export function makeSuiteFolder(parent: string): string {
  const draft = mkdtempSync(join(parent, draftPrefix));
  // PostgreSQL's user, where the suite runs as root, must be able to pass through.
  chmodSync(draft, 0o711);
  writeProcessFile(join(draft, 'suite.pid'), process.pid);
  const folder = join(parent, basename(draft).replace(draftPrefix, namePrefix));
  renameSync(draft, folder);
  return folder;
}

/** A suite that was killed leaves its servers running. */
export async function removeAbandonedSuites(parent: string): Promise<void> {
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(namePrefix))) {
    const folder = join(parent, name);
    if (readProcessFile(join(folder, 'suite.pid')) !== undefined) continue;
    try {
      for (const server of ['temporal.pid', 'postgres.pid']) {
        const running = readProcessFile(join(folder, server));
        if (running !== undefined) await endProcess({ pid: running.pid, graceMs: 5000 });
      }
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another user's: theirs to remove.
    }
  }
}
