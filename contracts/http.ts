import { z } from '@hono/zod-openapi';
import { validationReportSchema } from './data.ts';
import { pipelineNameSchema, runIdSchema, sha256Schema } from './ids.ts';
import { runKindSchema, runParametersSchema, runStatusSchema } from './runs.ts';

/**
 * The HTTP interface: the schemas that parse the requests are the ones `/openapi.json` is generated from, and
 * clients take their types from here. Times are RFC 3339 in UTC.
 */

export const httpLimits = {
  /** Bytes of a JSON body. */
  jsonBody: 32 * 1024 * 1024,
  /** Bytes of one upload, all its files together. */
  upload: 8 * 1024 ** 3,
  uploadFiles: 100,
  instances: 10_000,
  pageSize: 200,
  idempotencyKeyLength: 200,
} as const;

const time = z.iso.datetime({ offset: true });
const metrics = z.record(z.string(), z.number());
const seedSchema = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    requestId: z.string().optional(),
    errors: z
      .array(
        z.object({
          /** JSON pointer into the body; for other places the place and name, as `query/limit`. */
          pointer: z.string(),
          message: z.string(),
        }),
      )
      .optional(),
  })
  .openapi('Problem');
export type Problem = z.infer<typeof problemSchema>;

/** Strict: a filter with a typing error would otherwise answer everything. */
export const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(httpLimits.pageSize).default(50),
  cursor: z.string().max(500).optional(),
});

const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export const idempotencyHeaderSchema = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII without spaces')
    .max(httpLimits.idempotencyKeyLength)
    .optional()
    .openapi({
      description: 'The same key answers the same run or deployment; another body under it is a 409.',
    }),
});

// Health

export const dependencyStateSchema = z
  .object({ state: z.enum(['ok', 'down', 'loading']), detail: z.string().nullable() })
  .openapi('DependencyState');
export const readinessSchema = z
  .object({
    status: z.enum(['ready', 'unready']),
    dependencies: z.object({
      postgres: dependencyStateSchema,
      temporal: dependencyStateSchema,
      models: dependencyStateSchema,
    }),
  })
  .openapi('Readiness');
export type Readiness = z.infer<typeof readinessSchema>;

// Pipelines

export const pipelineSummarySchema = z
  .object({
    name: pipelineNameSchema,
    title: z.string(),
    description: z.string(),
    task: z.enum(['regression', 'binary', 'multiclass', 'clustering']),
    /** Moment of prediction. */
    moment: z.string(),
    candidates: z.array(z.string()),
    /** Version in production. */
    production: z.int().nullable(),
  })
  .openapi('PipelineSummary');
export type PipelineSummary = z.infer<typeof pipelineSummarySchema>;

const freeForm = z.record(z.string(), z.unknown());

export const pipelineDetailSchema = pipelineSummarySchema
  .omit({ candidates: true })
  .extend({
    target: freeForm.nullable(),
    moments: z.array(z.object({ name: z.string(), description: z.string() })),
    tables: z.record(z.string(), freeForm),
    exclusions: z.record(z.string(), z.string()),
    cleaning: z.array(z.string()),
    refused: z.record(z.string(), z.string()),
    /** JSON Schema of one instance of a prediction request. */
    instanceSchema: freeForm,
    example: freeForm,
    parameters: z.record(z.string(), freeForm),
    candidates: z.record(z.string(), freeForm),
    variants: z.record(z.string(), freeForm),
    split: freeForm,
    selection: freeForm,
    gate: freeForm,
    tiers: z.array(z.object({ name: z.string(), title: z.string(), from: z.number(), action: z.string() })),
    /** The source a run takes when its request names none. */
    defaultSource: z.string(),
  })
  .openapi('Pipeline');
export type PipelineDetail = z.infer<typeof pipelineDetailSchema>;

export const pipelineListSchema = z.object({ items: z.array(pipelineSummarySchema) });

// Runs

export const createRunSchema = z
  .strictObject({
    kind: runKindSchema.default('deploy'),
    source: z
      .string()
      .max(2000)
      .optional()
      .openapi({ description: 'demo:NAME?rows=…&seed=…, upload:ID, snapshot:SHA256 or folder:PATH' }),
    parameters: z.record(z.string(), z.unknown()).default({}).openapi({ type: 'object' }),
    seed: seedSchema.default(7),
    reason: z.string().min(1).max(2000).optional(),
  })
  .openapi('CreateRun');
export type CreateRun = z.input<typeof createRunSchema>;

export const runStartedSchema = z
  .object({
    runId: runIdSchema,
    workflowId: z.string(),
    links: z.object({ run: z.string(), events: z.string(), temporal: z.string() }),
  })
  .openapi('RunStarted');
export type RunStarted = z.infer<typeof runStartedSchema>;

const failureSchema = z.object({ type: z.string(), message: z.string(), step: z.string().nullable() });

export const runSchema = z
  .object({
    runId: runIdSchema,
    pipeline: pipelineNameSchema,
    kind: runKindSchema,
    status: runStatusSchema,
    source: z.string(),
    parameters: runParametersSchema,
    seed: z.int(),
    reason: z.string().nullable(),
    requestedBy: z.string(),
    workflowId: z.string(),
    scheduleId: z.string().nullable(),
    snapshotId: sha256Schema.nullable(),
    champion: z.string().nullable(),
    modelVersion: z.int().nullable(),
    /** Why a run was skipped or cancelled. */
    outcomeReason: z.string().nullable(),
    failure: failureSchema.nullable(),
    /** Rises with each change; events are numbered by it. */
    revision: z.int(),
    createdAt: time,
    startedAt: time.nullable(),
    endedAt: time.nullable(),
  })
  .openapi('Run');
export type Run = z.infer<typeof runSchema>;

export const runStepSchema = z
  .object({
    /** An activity: `loadData`, `trainCandidate:gradient-boosting`, … */
    step: z.string(),
    attempt: z.int(),
    status: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
    /** 0 to 1. */
    progress: z.number(),
    message: z.string().nullable(),
    startedAt: time,
    endedAt: time.nullable(),
  })
  .openapi('RunStep');

export const runCandidateSchema = z
  .object({
    candidate: z.string(),
    variant: z.string().nullable(),
    learner: z.string(),
    champion: z.boolean(),
    /** Out-of-fold value of the selection metric; higher is better. */
    selectionScore: z.number(),
    metrics,
    seconds: z.number(),
  })
  .openapi('RunCandidate');

export const gateVerdictSchema = z
  .object({
    outcome: z.enum(['passed', 'rejected']),
    checks: z.array(
      z.object({
        check: z.string(),
        passed: z.boolean(),
        value: z.number().nullable(),
        bound: z.number().nullable(),
        message: z.string(),
      }),
    ),
    comparison: z.enum(['better-or-equal', 'worse', 'not-comparable', 'no-production']),
    /** The version it was compared with. */
    production: z.int().nullable(),
  })
  .openapi('GateVerdict');

const rowsReport = z.object({
  entities: z.int(),
  kept: z.int(),
  excluded: z.record(z.string(), z.object({ count: z.int(), reason: z.string() })),
  cleaning: z.array(z.string()),
  trainRows: z.int(),
  holdOutRows: z.int(),
  nullShares: metrics,
});

/** What an event carries: all of a run but its validation report. */
export const runProgressSchema = runSchema
  .extend({
    steps: z.array(runStepSchema),
    candidates: z.array(runCandidateSchema),
    rows: rowsReport.nullable(),
    verdict: gateVerdictSchema.nullable(),
    validationVerdict: z.enum(['passed', 'flagged', 'failed']).nullable(),
  })
  .openapi('RunProgress');
export type RunProgress = z.infer<typeof runProgressSchema>;

export const runDetailSchema = runProgressSchema
  .extend({
    validation: validationReportSchema.nullable(),
    links: z.object({ events: z.string(), artifacts: z.string(), temporal: z.string() }),
  })
  .openapi('RunDetail');
export type RunDetail = z.infer<typeof runDetailSchema>;

export const runQuerySchema = pageQuerySchema.extend({
  pipeline: pipelineNameSchema.optional(),
  status: runStatusSchema.optional(),
  kind: runKindSchema.optional(),
});
export const runListSchema = page(runSchema);
export type RunList = z.infer<typeof runListSchema>;

export const cancelRunSchema = z.strictObject({ reason: z.string().min(1).max(2000).optional() });

export const runArtifactListSchema = z
  .object({
    items: z.array(
      z.object({
        name: z.string(),
        mediaType: z.string(),
        bytes: z.int(),
        sha256: sha256Schema,
        href: z.string(),
      }),
    ),
  })
  .openapi('RunArtifacts');

// Uploads

export const uploadSchema = z
  .object({
    /** What a run names as its source: `upload:ID`. */
    source: z.string(),
    files: z.array(z.object({ name: z.string(), bytes: z.int(), sha256: sha256Schema })),
  })
  .openapi('Upload');
export type Upload = z.infer<typeof uploadSchema>;

// Models

const aliasSchema = z.enum(['production', 'challenger', 'shadow']);

export const modelSummarySchema = z
  .object({
    pipeline: pipelineNameSchema,
    title: z.string(),
    versions: z.int(),
    latest: z.int().nullable(),
    production: z.int().nullable(),
  })
  .openapi('Model');
export const modelListSchema = z.object({ items: z.array(modelSummarySchema) });
export type ModelList = z.infer<typeof modelListSchema>;

const lineageSchema = z
  .object({
    runId: runIdSchema,
    snapshotId: sha256Schema,
    source: z.string(),
    rowsSha256: sha256Schema,
    lookupsSha256: sha256Schema.nullable(),
    /** How the hold-out was made. */
    split: freeForm,
    pipelineSha256: z.string(),
    codeVersion: z.string(),
    nodeVersion: z.string(),
    seed: z.int(),
    parameters: runParametersSchema,
  })
  .openapi('Lineage');

export const modelVersionSchema = z
  .object({
    pipeline: pipelineNameSchema,
    version: z.int(),
    aliases: z.array(aliasSchema),
    candidate: z.string(),
    learner: z.string(),
    /** On the hold-out, read once. */
    metrics,
    baseline: metrics,
    variants: z.array(z.object({ variant: z.string(), moment: z.string(), metrics })),
    lineage: lineageSchema,
    /** Of the run's gate; null for a version that went through none. */
    verdict: gateVerdictSchema.nullable(),
    artifact: z.object({ sha256: sha256Schema, bytes: z.int(), href: z.string() }),
    createdAt: time,
  })
  .openapi('ModelVersion');
export type ModelVersion = z.infer<typeof modelVersionSchema>;
export const modelVersionListSchema = page(modelVersionSchema);
export type ModelVersionList = z.infer<typeof modelVersionListSchema>;

export const promoteSchema = z
  .strictObject({ reason: z.string().min(1).max(2000).optional() })
  .openapi('Promote');
export const rollbackSchema = z
  .strictObject({
    /** Default: the version that was in production before the present one. */
    version: z.int().min(1).optional(),
    reason: z.string().min(1).max(2000).optional(),
  })
  .openapi('Rollback');

export const deploymentStartedSchema = z
  .object({
    pipeline: pipelineNameSchema,
    version: z.int(),
    /** Found again in the ledger once the deployment is done. */
    requestId: z.string(),
    workflowId: z.string(),
    links: z.object({ ledger: z.string(), temporal: z.string() }),
  })
  .openapi('DeploymentStarted');
export type DeploymentStarted = z.infer<typeof deploymentStartedSchema>;

export const ledgerEntrySchema = z
  .object({
    id: z.int(),
    action: z.enum(['promote', 'rollback']),
    fromVersion: z.int().nullable(),
    toVersion: z.int(),
    actor: z.string(),
    reason: z.string(),
    runId: runIdSchema.nullable(),
    requestId: z.string(),
    at: time,
  })
  .openapi('LedgerEntry');
export const ledgerQuerySchema = pageQuerySchema.extend({
  at: time.optional().openapi({ description: 'Entries up to this moment; `production` is as of it.' }),
  requestId: z.string().max(200).optional(),
});
export const ledgerSchema = page(ledgerEntrySchema)
  .extend({
    /** The entry that put the version in production at `at` (default: now) there. */
    production: ledgerEntrySchema.nullable(),
  })
  .openapi('Ledger');
export type Ledger = z.infer<typeof ledgerSchema>;

// Predictions

export const predictRequestSchema = z
  .strictObject({
    instances: z
      .array(z.unknown())
      .min(1)
      .max(httpLimits.instances)
      .openapi({
        type: 'array',
        items: { type: 'object' },
        description: 'Each as `instanceSchema` of the pipeline says.',
      }),
    version: z.int().min(1).optional().openapi({ description: 'Default: the version in production.' }),
  })
  .openapi('PredictRequest');
export type PredictRequest = { instances: Record<string, unknown>[]; version?: number };

export const predictionResultSchema = z
  .object({
    id: z.uuid(),
    /** Regression. */
    value: z.number().optional(),
    /** Classification. */
    label: z.string().optional(),
    /** Of the positive class (binary), or of the label (more classes). */
    probability: z.number().optional(),
    probabilities: metrics.optional(),
    tier: z.string().optional(),
    action: z.string().optional(),
    /** Clustering. */
    segment: z.int().optional(),
  })
  .openapi('PredictionResult');
export type PredictionResult = z.infer<typeof predictionResultSchema>;

export const predictResponseSchema = z
  .object({
    model: z.object({ pipeline: pipelineNameSchema, version: z.int() }),
    predictions: z.array(predictionResultSchema),
  })
  .openapi('PredictResponse');
export type PredictResponse = z.infer<typeof predictResponseSchema>;

export const predictionSchema = z
  .object({
    id: z.uuid(),
    at: time,
    pipeline: pipelineNameSchema,
    version: z.int(),
    label: z.string().nullable(),
    tier: z.string().nullable(),
    /** Probability of the positive class, or the predicted value. */
    score: z.number(),
    action: z.string().nullable(),
    instance: freeForm,
    requestId: z.string(),
  })
  .openapi('Prediction');
export const predictionDetailSchema = predictionSchema
  .extend({ output: freeForm, lineage: lineageSchema.nullable(), verdict: gateVerdictSchema.nullable() })
  .openapi('PredictionDetail');
export const predictionQuerySchema = pageQuerySchema.extend({
  pipeline: pipelineNameSchema.optional(),
  tier: z.string().max(128).optional(),
  label: z.string().max(128).optional(),
  version: z.coerce.number().int().min(1).optional(),
  from: time.optional().openapi({ description: 'Inclusive.' }),
  to: time.optional().openapi({ description: 'Exclusive.' }),
});
export const predictionListSchema = page(predictionSchema);
export type PredictionList = z.infer<typeof predictionListSchema>;

// Schedules

const timezoneSchema = z.string().refine(
  (timeZone) => {
    try {
      return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
    } catch {
      return false;
    }
  },
  { message: 'must be an IANA time zone such as Europe/Paris' },
);

export const putScheduleSchema = z
  .strictObject({
    cron: z
      .string()
      .max(200)
      .regex(/^\S+(?: \S+){4,6}$/, 'must be a cron expression of five to seven fields, such as "0 4 * * 1"')
      .openapi({ example: '0 4 * * 1' }),
    timezone: timezoneSchema.default('UTC').openapi({ example: 'Europe/Paris' }),
    source: z.string().max(2000).optional().openapi({ description: "Default: the declaration's." }),
    parameters: z.record(z.string(), z.unknown()).default({}).openapi({ type: 'object' }),
    jitter: z
      .string()
      .regex(/^\d{1,6}(?:s|m|h)$/, 'must be a duration such as 30s, 5m or 1h')
      .optional(),
    paused: z.boolean().default(false),
  })
  .openapi('PutSchedule');
export type PutSchedule = z.input<typeof putScheduleSchema>;

export const scheduleSchema = z
  .object({
    pipeline: pipelineNameSchema,
    cron: z.string(),
    timezone: z.string(),
    source: z.string(),
    parameters: runParametersSchema,
    jitter: z.string().nullable(),
    paused: z.boolean(),
    /** A schedule changed here is no longer overwritten by the declaration. */
    origin: z.enum(['declaration', 'api']),
    /** The next five; empty while paused. */
    nextTimes: z.array(time),
    lastTime: time.nullable(),
    /** Whether Temporal has it yet. */
    registered: z.boolean(),
    updatedAt: time,
  })
  .openapi('Schedule');
export type Schedule = z.infer<typeof scheduleSchema>;
export const scheduleListSchema = z.object({ items: z.array(scheduleSchema) });
export const pauseScheduleSchema = z.strictObject({ note: z.string().max(500).optional() });
export const scheduleTriggeredSchema = z.object({ pipeline: pipelineNameSchema, scheduleId: z.string() });
