import { generateDemo } from '../data/demo/registry.ts';
import type { SourceReaders } from '../data/source-files.ts';

/** Demo data and the folders that are opened; no uploads and no earlier snapshots. */
export const sourceReaders = (...sourceRoots: readonly string[]): SourceReaders => ({
  demo: generateDemo,
  uploads: { files: async () => undefined },
  snapshots: { find: async () => undefined },
  sourceRoots,
});
