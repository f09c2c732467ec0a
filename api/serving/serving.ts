import type { Logger } from 'pino';
import type { DatabaseClient } from '../../db/client.ts';
import { readModelContent } from '../../db/queries/model-views.ts';
import { createPredictionStore } from '../../db/queries/predictions.ts';
import type { Metrics } from '../metrics.ts';
import { notFound } from '../problem.ts';
import { createModelCache } from './model-cache.ts';
import { createPredict, type Predict } from './predict.ts';
import { createPredictionLog } from './prediction-log.ts';
import { createProduction, type Production } from './production.ts';
import { createMakeInstances } from './table-rows.ts';
import { createServingThreads } from './threads/pool.ts';

export type Serving = { predict: Predict; production: Production; close(): Promise<void> };

/** The models, which of them serve, and the log of what they answer, put together. */
export function createServing(deps: {
  client: DatabaseClient;
  metrics: Metrics;
  logger: Logger;
  replicaId: string;
}): Serving {
  const { client, metrics, logger, replicaId } = deps;
  const threads = createServingThreads();
  const cache = createModelCache(async (pipeline, version) => {
    const stored = await readModelContent(client.db, pipeline, version);
    if (stored === null) throw notFound(`${pipeline} has no version ${version}`);
    return threads.run('loadModel', { content: stored.content });
  }, threads.forget);
  const log = createPredictionLog(createPredictionStore(client.db));
  const production = createProduction({ client, cache, replicaId, logger });
  const predict = createPredict({
    cache,
    production,
    log,
    threads,
    makeInstances: createMakeInstances(),
    onPredicted({ pipeline, version }, counts) {
      for (const { label, tier, count } of counts) {
        metrics.predictions.inc({ pipeline, version, label, tier }, count);
      }
    },
  });
  return {
    predict,
    production,
    async close() {
      await log.drain();
      await production.close();
      await threads.close();
    },
  };
}
