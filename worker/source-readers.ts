import type { Config } from '../config/config.ts';
import { namedVariable } from '../config/process-environment.ts';
import type { ReviewsSource } from '../contracts/source.ts';
import { createPageFetcher, fetchLimits } from '../data/collect/fetch-page.ts';
import { createPageReader, type PageReader } from '../data/collect/read-page.ts';
import { generateDemo } from '../data/demo/registry.ts';
import { createHttpsReader } from '../data/https/https-reader.ts';
import { createPublicConnection } from '../data/https/public-connection.ts';
import { type FileReview, writeReviews } from '../data/reviews/write-reviews.ts';
import type { SourceReaders } from '../data/source-files.ts';
import type { Database } from '../db/client.ts';
import { eachReviewPage, type PageReview } from '../db/queries/review-pages.ts';
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
    reviews: ({ source, folder, signal }) =>
      writeReviews((onPage) => eachReviewPage(db, source, (page) => onPage(page.map(toFileReview(source)))), {
        folder,
        signal,
      }),
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

/** By the id that the source gave it; where there are several sources, two may have given the same. */
const toFileReview =
  ({ name }: ReviewsSource) =>
  ({ id, externalId, publishedAt, source, title, text, rating }: PageReview): FileReview => ({
    id: externalId === null ? id : name === null ? `${source}/${externalId}` : externalId,
    source,
    title,
    text,
    rating,
    published: publishedAt === null ? null : new Date(publishedAt).toISOString(),
  });
