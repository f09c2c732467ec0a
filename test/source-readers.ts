import { generateDemo } from '../data/demo/registry.ts';
import { createHttpsReader } from '../data/https/https-reader.ts';
import type { SourceReaders } from '../data/source-files.ts';

/** Demo data and the folders that are opened; no uploads, no reviews, no earlier snapshots and no other servers. */
export const sourceReaders = (...sourceRoots: readonly string[]): SourceReaders => ({
  demo: generateDemo,
  uploads: { files: async () => undefined },
  snapshots: { find: async () => undefined },
  reviews: async () => 0,
  sourceRoots,
  https: createHttpsReader({ hosts: [] }),
});
