import type { BlobRef } from '../contracts/data.ts';
import { type ModelVersion, readModelContent } from '../db/queries/models.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** The rows that a registered version was trained and judged on, as threads take them. */
export const rowsOfVersion = ({ lineage: { rowsSha256, lookupsSha256 } }: Pick<ModelVersion, 'lineage'>) => ({
  blob: { sha256: rowsSha256 },
  lookups: lookupsSha256 === null ? null : { sha256: lookupsSha256 },
});

/** The model of a registered version, out of the database into the store, where threads find it. */
export const modelOfVersion = async (
  { db, store }: Pick<ActivityDependencies, 'db' | 'store'>,
  { artifactSha256 }: Pick<ModelVersion, 'artifactSha256'>,
): Promise<BlobRef> => store.put(await readModelContent(db, artifactSha256));
