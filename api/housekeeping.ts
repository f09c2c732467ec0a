import type { Logger } from 'pino';
import type { Database } from '../db/client.ts';
import type { Catalog } from './catalog.ts';
import { startForgottenRuns } from './run-requests.ts';
import { adoptDeclarations, ensureSchedules } from './schedules.ts';
import { ensureSearchAttributes } from './search-attributes.ts';
import type { TemporalGateway } from './temporal.ts';

const eagerMs = 2_000;
const calmMs = 60_000;
/** An API that is only slow is not to be overtaken. */
const forgottenAfterSeconds = 60;

/**
 * Brings Temporal into agreement with the database: soon while either is away, then every minute. So the API starts
 * without Temporal, and what an API that died left undone is done by the next.
 */
export function createHousekeeping(deps: {
  db: Database;
  temporal: TemporalGateway;
  catalog: Catalog;
  logger: Logger;
}): { close(): Promise<void> } {
  const { db, temporal, catalog, logger } = deps;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let wasUp = true;

  const round = async (): Promise<void> => {
    let nextMs = calmMs;
    try {
      await ensureSearchAttributes(temporal);
      await adoptDeclarations(db, catalog);
      await ensureSchedules({ db, temporal, catalog });
      await startForgottenRuns(deps, forgottenAfterSeconds);
      if (!wasUp) logger.info('Postgres and Temporal are back');
      wasUp = true;
    } catch (error) {
      nextMs = eagerMs;
      if (wasUp) logger.warn({ err: error }, 'schedules and runs cannot be brought into agreement yet');
      wasUp = false;
    }
    if (!isClosed) timer = setTimeout(begin, nextMs);
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
