import type { Config } from '../config/config.ts';
import { namedVariable } from '../config/process-environment.ts';
import { createPageFetcher, fetchLimits } from '../data/collect/fetch-page.ts';
import { createPageReader, type PageReader } from '../data/collect/read-page.ts';
import { generateDemo } from '../data/demo/registry.ts';
import { createHttpsReader } from '../data/https/https-reader.ts';
import { createPublicConnection } from '../data/https/public-connection.ts';
import type { SourceReaders } from '../data/source-files.ts';
import type { Database } from '../db/client.ts';
import { resolveSnapshot } from '../db/queries/snapshots.ts';
import { findUpload } from '../db/queries/uploads.ts';

/** What the kinds of source are read from. */
export function createSourceReaders(
  db: Database,
  { sourceRoots, sourceHosts }: Pick<Config, 'sourceRoots' | 'sourceHosts'>,
): SourceReaders {
  return {
    demo: generateDemo,
    uploads: {
      async files(id) {
        const upload = await findUpload(db, id);
        return upload?.files.map(({ name, sha256, bytes }) => ({ name, blob: { sha256, bytes } }));
      },
    },
    snapshots: {
      async find(ref) {
        const resolved = await resolveSnapshot(db, ref);
        return resolved.found === 'one' ? resolved.row.manifest : undefined;
      },
    },
    sourceRoots,
    https: createHttpsReader({ hosts: sourceHosts }),
  };
}

/** Pages of the hosts that sources may be taken from. */
export const createPages = ({ sourceHosts }: Pick<Config, 'sourceHosts'>): PageReader =>
  createPageReader({
    fetcher: createPageFetcher({
      connection: createPublicConnection({ hosts: sourceHosts, idleMs: fetchLimits.idleMs }),
      nowMs: Date.now,
    }),
    secretOf: namedVariable,
    nowMs: Date.now,
  });
