import type { Logger } from 'pino';
import type { DeclaredCollectors } from '../collectors/load-collectors.ts';
import type { DriftSettings } from '../contracts/settings.ts';
import type { Database } from '../db/client.ts';
import { dropOldPredictions, ensurePredictionPartitions } from '../db/queries/predictions.ts';
import { removeDeadReplicas } from '../db/queries/replicas.ts';
import { createAbandonedRuns } from './abandoned-runs.ts';
import type { Catalog } from './catalog.ts';
import { ensureCollectorSchedules } from './collector-schedules.ts';
import { ensureMonitoring } from './drift-schedule.ts';
import { ensureRefresh } from './reviews/ensure-refresh.ts';
import type { ReviewQueue } from './reviews/review-queue.ts';
import { findScoringVersion } from './reviews/scoring-version.ts';
import { sweepBatches } from './reviews/sweep-batches.ts';
import { startForgottenRuns } from './run-requests.ts';
import { adoptDeclarations, ensureSchedules } from './schedules.ts';
import { ensureSearchAttributes } from './search-attributes.ts';
import type { TemporalGateway } from './temporal.ts';

const eagerMs = 2_000;
/** A run whose API died is begun within this and the age at which it counts as forgotten. */
const calmMs = 15_000;
/** An API that is only slow need not be overtaken: its call to Temporal has a deadline of 4 seconds. */
const forgottenAfterSeconds = 15;

/**
 * Brings Temporal into agreement with the database: soon while either is away, then every 15 seconds. So the API starts
 * without Temporal, and what an API that died left undone is done by the next.
 */
export function createHousekeeping(deps: {
  db: Database;
  temporal: TemporalGateway;
  catalog: Catalog;
  reviewQueue: ReviewQueue;
  readCollectors(): DeclaredCollectors;
  driftSettings: DriftSettings;
  logger: Logger;
  /** Absent: predictions are kept. */
  predictionRetentionDays: number | undefined;
}): { close(): Promise<void> } {
  const { db, temporal, catalog, reviewQueue, logger, predictionRetentionDays } = deps;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let wasUp = true;

  const dropOld = async (): Promise<void> => {
    if (predictionRetentionDays === undefined) return;
    const dropped = await dropOldPredictions(db, predictionRetentionDays);
    if (dropped.length > 0) logger.info({ dropped, predictionRetentionDays }, 'old predictions were dropped');
  };
  const abandonedRuns = createAbandonedRuns(deps);
  const jobs: readonly (() => Promise<void>)[] = [
    () => ensurePredictionPartitions(db),
    dropOld,
    () => removeDeadReplicas(db),
    () => ensureSearchAttributes(temporal),
    () => adoptDeclarations(db, catalog),
    () => ensureSchedules(deps),
    () => ensureCollectorSchedules(deps),
    () => ensureMonitoring(temporal, deps.driftSettings),
    () => startForgottenRuns(deps, forgottenAfterSeconds),
    () => abandonedRuns.end(),
    () => ensureRefresh(deps),
    () => reviewQueue.ensureOpen(),
    () =>
      sweepBatches({
        db,
        queue: reviewQueue,
        logger,
        canScore: async () => (await findScoringVersion(db, catalog)) !== null,
      }),
  ];

  const round = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const job of jobs) {
      if (isClosed) return;
      await job().catch((error: unknown) => failures.push(error));
    }
    const isUp = failures.length === 0;
    if (isUp && !wasUp) logger.info('Postgres and Temporal are back');
    if (!isUp && wasUp)
      logger.warn({ err: failures[0] }, 'schedules and runs cannot be brought into agreement yet');
    wasUp = isUp;
    if (isClosed) return;
    timer = setTimeout(begin, isUp ? calmMs : eagerMs);
  };
  let underWay: Promise<void>;
  const begin = (): void => {
    underWay = round();
  };
  underWay = round();

  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}
