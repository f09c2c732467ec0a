import type { Database } from '../../db/client.ts';
import { readProduction } from '../../db/queries/models.ts';
import { reviewPipelines } from '../../pipelines/review-pipelines.ts';
import type { Catalog } from '../catalog.ts';

/** Whether a model that scores reviews is in production. */
export async function canScoreReviews(db: Database, catalog: Catalog): Promise<boolean> {
  const pipelines = reviewPipelines(catalog.values().map(({ declaration }) => declaration));
  for (const { name } of pipelines) if ((await readProduction(db, name)) !== null) return true;
  return false;
}
