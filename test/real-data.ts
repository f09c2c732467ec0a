import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'vitest';
import { testsMustAllRun } from '../config/process-environment.ts';

type RealData = 'olist' | 'leads' | 'retail' | 'reviews';

/** Where they would stand; they may be absent. */
export const realDataFolder = (folder: RealData): string =>
  fileURLToPath(new URL(`../../shared/data/${folder}`, import.meta.url));

/**
 * `describe` for tests on real data, which may stand beside the checkout and are not part of it, for their licences.
 * Skipped with the reason in its name where they are absent; where all tests must run, that fails.
 */
export function describeRealData(folder: RealData, name: string, tests: (path: string) => void): void {
  const path = realDataFolder(folder);
  if (existsSync(path)) {
    describe(name, () => tests(path));
    return;
  }
  const reason = `no folder shared/data/${folder} beside the checkout`;
  if (testsMustAllRun())
    test(name, () => {
      throw new Error(reason);
    });
  else describe.skip(`${name} (skipped: ${reason})`, () => tests(path));
}
