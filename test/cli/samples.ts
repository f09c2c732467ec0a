import { modelVersionSchema } from '../../contracts/http/models.ts';
import { pipelineDetailSchema } from '../../contracts/http/pipelines.ts';
import {
  type RunDetail,
  type RunProgress,
  runDetailSchema,
  runProgressSchema,
} from '../../contracts/http/runs.ts';

/** Answers in the form of the contract: each is parsed by the schema the service answers by. */

export const runId = '0b1f2a7e-5e0c-5b0e-9d6e-0a1b2c3d4e5f';
const sha256 = 'a'.repeat(64);

export const pipeline = pipelineDetailSchema.parse({
  name: 'olist-score',
  title: 'Review scores',
  description: 'Predicts the review score of an order.',
  task: 'regression',
  moment: 'delivered',
  production: 1,
  target: { column: 'review_score' },
  moments: [{ name: 'delivered', description: 'after delivery' }],
  tables: {},
  exclusions: {},
  cleaning: [],
  refused: {},
  instanceSchema: { type: 'object' },
  example: { price: 59.9, delivery_days: 9 },
  predictFrom: null,
  parameters: { minR2: { type: 'number', default: 0.1, description: 'least R² to pass the gate' } },
  candidates: { linear: { learner: 'ridge' }, boosting: { learner: 'gradient-boosting' } },
  variants: {},
  split: { by: 'key' },
  selection: { metric: 'r2' },
  gate: {},
  threshold: null,
  tiers: [],
  settings: {
    sha256,
    changes: [{ key: 'parameters.minR2', declared: 0.15, value: 0.1 }],
  },
  defaultSource: 'demo:olist?rows=20000&seed=7',
});

const verdict = (passed: boolean) => ({
  outcome: passed ? 'passed' : 'rejected',
  comparison: 'no-production',
  production: null,
  checks: [
    {
      check: 'r2',
      passed,
      value: 0.5123,
      bound: passed ? 0.1 : 0.92,
      message: passed ? 'r2 0.5123 is at least 0.1' : 'r2 0.5123 is below 0.92',
    },
  ],
});

export function runProgress(status: RunProgress['status']): RunProgress {
  const ended = status !== 'running';
  return runProgressSchema.parse({
    runId,
    pipeline: 'olist-score',
    kind: 'deploy',
    status,
    source: 'demo:olist?rows=20000&seed=7',
    parameters: { minR2: 0.1 },
    seed: 7,
    settingsSha256: null,
    tuned: null,
    cache: true,
    from: null,
    reason: null,
    requestedBy: 'local',
    workflowId: `run:${runId}`,
    scheduleId: null,
    snapshotId: sha256,
    champion: ended ? 'boosting' : null,
    modelVersion: status === 'succeeded' || status === 'rejected' ? 2 : null,
    outcomeReason: status === 'cancelled' ? 'asked for' : null,
    failure:
      status === 'failed' ? { type: 'DataInvalid', message: 'orders.csv is empty', step: 'loadData' } : null,
    revision: ended ? 9 : 3,
    createdAt: '2026-11-21T10:00:00Z',
    startedAt: '2026-11-21T10:00:00.100Z',
    endedAt: ended ? '2026-11-21T10:00:12.500Z' : null,
    steps: [
      {
        step: 'loadData',
        attempt: 1,
        status: 'succeeded',
        cachedFrom: null,
        progress: 1,
        message: null,
        startedAt: '2026-11-21T10:00:00.200Z',
        endedAt: '2026-11-21T10:00:01.700Z',
      },
      {
        step: 'trainCandidate:boosting',
        attempt: 2,
        status: ended ? 'succeeded' : 'running',
        cachedFrom: null,
        progress: ended ? 1 : 0.5,
        message: null,
        startedAt: '2026-11-21T10:00:02Z',
        endedAt: ended ? '2026-11-21T10:00:12Z' : null,
      },
    ],
    candidates: [
      {
        candidate: 'boosting',
        variant: null,
        learner: 'gradient-boosting',
        champion: true,
        selectionScore: 0.5,
        metrics: { r2: 0.5, rmse: 1.1 },
        seconds: 9.8,
      },
    ],
    rows: {
      entities: 100,
      kept: 98,
      excluded: { 'no-review': { count: 2, reason: 'the order has no review' } },
      cleaning: [],
      trainRows: 78,
      holdOutRows: 20,
      nullShares: {},
    },
    verdict: status === 'succeeded' ? verdict(true) : status === 'rejected' ? verdict(false) : null,
    validationVerdict: 'passed',
  });
}

export function runDetail(status: RunProgress['status']): RunDetail {
  return runDetailSchema.parse({
    ...runProgress(status),
    validation: {
      snapshotId: sha256,
      verdict: 'flagged',
      ignoredFiles: ['notes.csv'],
      tables: [
        {
          table: 'orders',
          file: 'orders.csv',
          verdict: 'flagged',
          rowsIn: 100,
          kept: 99,
          quarantined: 1,
          extraColumns: ['coupon'],
          nullShares: {},
        },
      ],
      checks: [
        {
          table: 'orders',
          check: 'type',
          column: 'order_purchase_timestamp',
          severity: 'quarantine',
          offences: 1,
          share: 0.01,
          message: '1 value is no timestamp',
          file: 'orders.csv',
          examples: [{ line: 17, row: 16, value: 'yesterday', message: '"yesterday" is no timestamp' }],
        },
      ],
    },
    holdOut: null,
    links: { events: '/e', artifacts: '/a', temporal: 'http://127.0.0.1:8233/w' },
  });
}

export const modelVersion = modelVersionSchema.parse({
  pipeline: 'olist-score',
  version: 2,
  aliases: ['production'],
  candidate: 'boosting',
  learner: 'gradient-boosting',
  metrics: { r2: 0.5123, rmse: 1.07 },
  baseline: { r2: 0, rmse: 1.52 },
  intervals: { r2: { low: 0.4821, high: 0.5384, level: 0.95, minusBaseline: { low: 0.48, high: 0.54 } } },
  variants: [],
  lineage: {
    runId,
    snapshotId: sha256,
    source: 'demo:olist?rows=20000&seed=7',
    rowsSha256: sha256,
    lookupsSha256: sha256,
    split: { by: 'key', share: 0.2, salt: 'olist-score' },
    pipelineSha256: sha256,
    settingsSha256: sha256,
    codeVersion: 'abc',
    nodeVersion: 'v24.0.0',
    seed: 7,
    parameters: {},
  },
  verdict: null,
  artifact: { sha256, bytes: 1000, href: '/artifact' },
  createdAt: '2026-11-21T10:00:12Z',
});
