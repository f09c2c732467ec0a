import { OpenAPIHono } from '@hono/zod-openapi';
import type { Logger } from 'pino';
import type { DeclaredCollectors } from '../collectors/load-collectors.ts';
import type { ScoringVersion } from '../contracts/reviews.ts';
import type { DriftSettings } from '../contracts/settings.ts';
import type { Database } from '../db/client.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { Catalog } from './catalog.ts';
import type { DatabaseWatch } from './database-watch.ts';
import type { Metrics } from './metrics.ts';
import type { ReviewIntake } from './reviews/intake.ts';
import type { RunEvents } from './run-events.ts';
import type { Predict } from './serving/predict.ts';
import type { Production } from './serving/production.ts';
import type { TemporalGateway } from './temporal.ts';
import { refuseInvalid } from './validation.ts';

/** What the routes work with. Everything that is a process, a connection or a clock comes in here. */
export type AppDependencies = {
  db: Database;
  databaseWatch: DatabaseWatch;
  store: BlobStore;
  temporal: TemporalGateway;
  catalog: Catalog;
  /** The collectors that are declared now. */
  readCollectors(): DeclaredCollectors;
  production: Production;
  predict: Predict;
  runEvents: RunEvents;
  reviewIntake: ReviewIntake;
  /** The version in production that scores reviews. */
  scoringVersion(): Promise<ScoringVersion | null>;
  driftSettings: DriftSettings;
  metrics: Metrics;
  logger: Logger;
  apiKeys: readonly string[];
  allowedHosts: readonly string[];
  /** Absolute folders under which a `folder:` source may lie. */
  sourceRoots: readonly string[];
  /** Hosts that an `https:` source may be taken from. */
  sourceHosts: readonly string[];
  /** Where people open Temporal's web interface. */
  temporalUiUrl: string;
  /** Folder with the built dashboard; absent where it was not built. */
  dashboardFolder: string | undefined;
  /** Fires when the server stops: streams that would stay open end then. */
  stopping: AbortSignal;
};

export type AppEnv = { Variables: { requestId: string; actor: string } };

export const createRoutes = () => new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid });

/** Page of Temporal's web interface with the executions of a workflow id. */
export function temporalLink(
  { temporal, temporalUiUrl }: Pick<AppDependencies, 'temporal' | 'temporalUiUrl'>,
  workflowId: string,
): string {
  const base = temporalUiUrl.replace(/\/$/, '');
  return `${base}/namespaces/${encodeURIComponent(temporal.namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
