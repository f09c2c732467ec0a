import type { Logger } from 'pino';
import { z } from 'zod';
import { type PipelineName, pipelineNameSchema } from '../../contracts/ids.ts';
import type { DatabaseClient } from '../../db/client.ts';
import { readProductionAliases } from '../../db/queries/model-views.ts';
import { beatReplica, removeReplica, reportReplica } from '../../db/queries/replica-reports.ts';
import { databaseFault, describeFault } from '../database-fault.ts';
import type { ModelCache } from './model-cache.ts';

/** What this replica serves, kept in agreement with the aliases. */
export type Production = {
  /** The version that serves now: loaded, and as new as this replica knows. */
  version(pipeline: PipelineName): number | undefined;
  /** Why a pipeline without a version may have one soon; null when it has none in production. */
  whyNotYet(pipeline: PipelineName): string | null;
  /** `loading` until the aliases were read and their models loaded once. */
  state(): { state: 'ok' | 'loading' | 'down'; detail: string | null };
  close(): Promise<void>;
};

const noticeSchema = z.object({ pipeline: pipelineNameSchema, version: z.int() });
const beatMs = 2_000;

/**
 * NOTIFY only preloads and hastens; what serves is what the aliases say, read every beat and after each reconnect.
 * A version starts to serve once it is loaded, so that no request waits for a model.
 */
export function createProduction(options: {
  client: DatabaseClient;
  cache: ModelCache;
  replicaId: string;
  logger: Logger;
}): Production {
  const { client, cache, replicaId, logger } = options;
  const serving = new Map<PipelineName, number>();
  const preloaded = new Map<PipelineName, number>();
  const failures = new Map<PipelineName, string>();
  let wasRead = false;
  let readFailure: string | null = null;
  let underWay: Promise<void> | undefined;
  let isAskedAgain = false;
  let isBeating = false;

  const keepLoaded = (aliases: ReadonlyMap<PipelineName, number>): void =>
    cache.keep([...aliases, ...serving, ...preloaded].map(([pipeline, version]) => ({ pipeline, version })));

  /** @returns what went wrong */
  const load = async (pipeline: PipelineName, version: number): Promise<string | null> => {
    try {
      await cache.get(pipeline, version);
      await reportReplica(client.db, { replicaId, pipeline, version, state: 'loaded', message: null });
      return null;
    } catch (error) {
      // Nothing is wrong with the model: said to have failed, it would be refused for good.
      if (databaseFault(error) === 'unavailable') throw error;
      const message = error instanceof Error ? error.message : String(error);
      logger.error({ err: error, pipeline, version }, 'a model could not be loaded');
      await reportReplica(client.db, { replicaId, pipeline, version, state: 'failed', message });
      return message;
    }
  };

  const readAliases = async (): Promise<void> => {
    const aliases = await readProductionAliases(client.db);
    keepLoaded(aliases);
    await Promise.all(
      [...aliases].map(async ([pipeline, version]) => {
        failures.delete(pipeline);
        if (serving.get(pipeline) === version) return;
        const failure = await load(pipeline, version);
        if (failure !== null) {
          failures.set(pipeline, `${pipeline} version ${version}: ${failure}`);
          return;
        }
        serving.set(pipeline, version);
        logger.info({ pipeline, version }, 'serving');
      }),
    );
    for (const pipeline of serving.keys()) if (!aliases.has(pipeline)) serving.delete(pipeline);
    keepLoaded(aliases);
    wasRead = true;
    readFailure = null;
  };

  const refresh = (): Promise<void> => {
    if (underWay !== undefined) {
      // The reading under way may have begun before the change that is meant.
      isAskedAgain = true;
      return underWay;
    }
    underWay = (async () => {
      try {
        do {
          isAskedAgain = false;
          await readAliases();
        } while (isAskedAgain);
      } finally {
        underWay = undefined;
      }
    })();
    return underWay;
  };

  const hasten = (): void => {
    refresh().catch((error: unknown) => {
      readFailure = describeFault(error);
      logger.warn({ err: error }, 'the aliases could not be read');
    });
  };
  const preload = async (payload: string): Promise<void> => {
    const { pipeline, version } = noticeSchema.parse(JSON.parse(payload));
    preloaded.set(pipeline, version);
    keepLoaded(new Map());
    await load(pipeline, version);
  };
  const onPreload = (payload: string): void => {
    preload(payload).catch((error: unknown) => logger.error({ err: error, payload }, 'a preload failed'));
  };
  const beat = (): void => {
    hasten();
    // A database that hangs is not to be sent one more statement with every beat.
    if (isBeating) return;
    isBeating = true;
    beatReplica(client.db, replicaId)
      .catch((error: unknown) => logger.warn({ err: error }, 'the heartbeat of this replica was not written'))
      .finally(() => {
        isBeating = false;
      });
  };

  const listeners = Promise.all([
    client.listen('model_alias', hasten, hasten),
    client.listen('model_preload', onPreload),
  ]);
  // Without a database the API still starts; the beats find it when it comes.
  listeners.catch((error: unknown) => logger.warn({ err: error }, 'not listening for models yet'));
  beat();
  const timer = setInterval(beat, beatMs);

  return {
    version: (pipeline) => serving.get(pipeline),
    whyNotYet: (pipeline) =>
      wasRead ? (failures.get(pipeline) ?? null) : (readFailure ?? 'the aliases have not been read yet'),
    state() {
      if (readFailure !== null && !wasRead) return { state: 'down', detail: readFailure };
      if (!wasRead) return { state: 'loading', detail: 'the aliases have not been read yet' };
      const [failure] = failures.values();
      if (failure !== undefined) return { state: 'down', detail: failure };
      const detail = [...serving].map(([pipeline, version]) => `${pipeline} version ${version}`).join(', ');
      return { state: 'ok', detail: detail === '' ? 'no model is in production yet' : detail };
    },
    async close() {
      clearInterval(timer);
      await underWay?.catch(() => undefined);
      await removeReplica(client.db, replicaId).catch((error: unknown) =>
        logger.warn({ err: error }, 'this replica could not be taken off the list'),
      );
    },
  };
}
