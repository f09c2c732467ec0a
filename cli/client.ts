import { collectorCalls } from './calls/collectors.ts';
import { modelCalls } from './calls/models.ts';
import { pipelineCalls } from './calls/pipelines.ts';
import { predictionCalls } from './calls/predictions.ts';
import { reviewCalls } from './calls/reviews.ts';
import { runCalls } from './calls/runs.ts';
import { scheduleCalls } from './calls/schedules.ts';
import { searchCalls } from './calls/searches.ts';
import { snapshotCalls } from './calls/snapshots.ts';
import { createConnection } from './connection.ts';

export type Client = ReturnType<typeof createClient>;

/** The API as functions. */
export function createClient(service: { url: string; apiKey: string | undefined }) {
  const connection = createConnection(service);
  return {
    url: service.url,
    /** What an answer names by its `href`, byte for byte. */
    download: (href: string) => connection.send(href, { headers: { accept: '*/*' } }),
    ...pipelineCalls(connection),
    ...runCalls(connection),
    ...searchCalls(connection),
    ...snapshotCalls(connection),
    ...modelCalls(connection),
    ...predictionCalls(connection),
    ...scheduleCalls(connection),
    ...reviewCalls(connection),
    ...collectorCalls(connection),
  };
}
