import type { Logger } from 'pino';
import type { Database } from '../db/client.ts';
import { countLabelsSince, isTraining } from '../db/queries/label-counts.ts';
import { readProduction, readVersion } from '../db/queries/models.ts';
import { reviewPipelines } from '../pipelines/review-pipelines.ts';
import { type Catalog, findPipeline, runParameters } from './catalog.ts';
import { type RunWish, requestRun } from './run-requests.ts';
import type { TemporalGateway } from './temporal.ts';

const source = 'reviews:*';
const seed = 7;

/**
 * Begins the retraining of pipelines that so many reviews with a rating have been taken in for, since the version in
 * production was made, as `retrain.afterLabels` says. Where the gate refuses the new version, the next begins when as
 * many have come again. Any number of APIs may do so at once: the key says which retraining it is.
 * @throws TemporalUnavailable
 */
export async function retrainOnLabels(deps: {
  db: Database;
  temporal: TemporalGateway;
  catalog: Catalog;
  logger: Logger;
}): Promise<void> {
  for (const wish of await dueRetrainings(deps)) {
    const { id } = await requestRun(deps, wish);
    deps.logger.info({ runId: id, reason: wish.reason }, 'enough new labels for a retraining');
  }
}

/** The retrainings that there is reason for now. */
export async function dueRetrainings({
  db,
  catalog,
}: {
  db: Database;
  catalog: Catalog;
}): Promise<RunWish[]> {
  const wishes: RunWish[] = [];
  for (const { name, retrain } of reviewPipelines(catalog.values().map(({ declaration }) => declaration))) {
    const { afterLabels } = retrain;
    if (afterLabels === undefined) continue;
    const production = await readProduction(db, name);
    // The first version is for a person to ask for, who sees what came of it.
    if (production === null || (await isTraining(db, name))) continue;
    const version = await readVersion(db, name, production.version);
    if (version === null) continue;
    const labels = await countLabelsSince(db, Date.parse(version.createdAt));
    const times = Math.floor(labels / afterLabels);
    if (times === 0) continue;
    const entry = findPipeline(catalog, name);
    wishes.push({
      entry,
      kind: 'retrain',
      source,
      parameters: runParameters(entry, {}),
      seed,
      reason: `${times * afterLabels} reviews with a rating have come since version ${production.version}`,
      cache: true,
      requestedBy: 'labels',
      idempotencyKey: `labels:${name}:${production.version}:${times}`,
    });
  }
  return wishes;
}
