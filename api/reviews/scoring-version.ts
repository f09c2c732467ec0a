import type { ScoringVersion } from '../../contracts/reviews.ts';
import type { Database } from '../../db/client.ts';
import { readFirstProduction } from '../../db/queries/models.ts';
import { reviewPipelines } from '../../pipelines/review-pipelines.ts';
import type { Catalog } from '../catalog.ts';

/** The version in production that scores reviews; null while there is none. */
export function findScoringVersion(db: Database, catalog: Catalog): Promise<ScoringVersion | null> {
  const pipelines = reviewPipelines(catalog.values().map(({ declaration }) => declaration));
  return readFirstProduction(
    db,
    pipelines.map(({ name }) => name),
  );
}
