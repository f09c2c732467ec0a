import type { PipelineName } from '../../contracts/ids.ts';
import type { Database } from '../../db/client.ts';
import { readProduction } from '../../db/queries/models.ts';
import { reviewPipelines } from '../../pipelines/review-pipelines.ts';
import type { Catalog } from '../catalog.ts';

export type ScoringVersion = { pipeline: PipelineName; version: number };

/** The version in production that scores reviews; null while there is none. */
export async function findScoringVersion(db: Database, catalog: Catalog): Promise<ScoringVersion | null> {
  for (const { name } of reviewPipelines(catalog.values().map(({ declaration }) => declaration))) {
    const production = await readProduction(db, name);
    if (production !== null) return { pipeline: name, version: production.version };
  }
  return null;
}
