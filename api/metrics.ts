import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** Latencies from half a millisecond: a prediction takes about one. */
const secondsBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A registry of its own: several apps in one process, as in the tests, do not share counts. */
export function createMetrics(options: { processMetrics: boolean }) {
  const registry = new Registry();
  if (options.processMetrics) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    requests: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from a request to its answer, by route and status',
      labelNames: ['method', 'route', 'status'],
      buckets: secondsBuckets,
      registers,
    }),
    errors: new Counter({
      name: 'http_errors_total',
      help: 'Answers with a status of 400 and more, by route and status',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    predictions: new Counter({
      name: 'predictions_total',
      help: 'Predictions answered, by model version, label and tier',
      labelNames: ['pipeline', 'version', 'label', 'tier'],
      registers,
    }),
    predictionSeconds: new Histogram({
      name: 'prediction_request_duration_seconds',
      help: 'Time from a prediction request to its answer, storing included',
      labelNames: ['pipeline'],
      buckets: secondsBuckets,
      registers,
    }),
    driftDistance: new Gauge({
      name: 'review_drift_distance',
      help: 'Largest difference of a share between the latest day of reviews that can be judged and the training data',
      labelNames: ['respect'],
      registers,
    }),
    driftAlert: new Gauge({
      name: 'review_drift_alert',
      help: 'Whether that is an alert, 1 or 0',
      labelNames: ['respect'],
      registers,
    }),
    production: new Gauge({
      name: 'model_production_version',
      help: 'The version this replica serves',
      labelNames: ['pipeline'],
      registers,
    }),
  };
}
