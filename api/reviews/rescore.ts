import type { Rescored } from '../../contracts/http/reviews.ts';
import { noScoringVersion, type ScoringVersion } from '../../contracts/reviews.ts';
import type { Database } from '../../db/client.ts';
import { countOutdatedReviews } from '../../db/queries/reviews.ts';
import { type Catalog, findPipeline } from '../catalog.ts';
import { conflict } from '../problem.ts';
import type { TemporalGateway } from '../temporal.ts';
import { startRefresh } from './ensure-refresh.ts';

/**
 * Has the version in production score again what others scored, by a refresh. Until then they keep the scores they have.
 * @throws HttpProblem 409 without such a version, or while a refresh is under way that leaves them; TemporalUnavailable
 */
export async function beginRescoring({
  db,
  temporal,
  catalog,
  by,
}: {
  db: Database;
  temporal: TemporalGateway;
  catalog: Catalog;
  by: ScoringVersion | null;
}): Promise<Rescored> {
  if (by === null) throw conflict(noScoringVersion);
  const { pipeline, version } = by;
  const reviews = await countOutdatedReviews(db, by);
  if (reviews === 0) return { version, reviews };
  const reason = `${reviews} reviews of other versions than ${version} of ${pipeline}`;
  const begun = await startRefresh(temporal, { request: { collection: null, scoreAgain: true }, reason });
  if (!begun && !findPipeline(catalog, pipeline).declaration.retrain.rescore)
    throw conflict(
      'a refresh is under way, which leaves them (retrain.rescore); ask again once it has ended',
    );
  return { version, reviews };
}
