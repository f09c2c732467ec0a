import { z } from '@hono/zod-openapi';
import { rowsReportSchema, validationReportSchema } from '../data.ts';
import { pipelineNameSchema, runIdSchema, sha256Schema } from '../ids.ts';
import { runKindSchema, runParametersSchema, runStatusSchema, trainingKindSchema } from '../runs.ts';
import { tunedSchema } from '../search.ts';
import { stepStatuses } from '../steps.ts';
import { metrics, page, pageQuerySchema, reasonSchema, seedSchema, time } from './shared.ts';
import { gateVerdictSchema, metricIntervalsSchema } from './verdict.ts';

export const createRunSchema = z
  .strictObject({
    kind: trainingKindSchema.default('deploy'),
    source: z.string().max(2000).optional().openapi({
      description:
        'demo:NAME?rows=…&seed=…, upload:ID, snapshot:REF, folder:PATH or https://HOST/FILE#sha256=…',
    }),
    parameters: z.record(z.string(), z.unknown()).default({}).openapi({ type: 'object' }),
    seed: seedSchema.default(7),
    reason: reasonSchema.optional(),
    cache: z.boolean().default(true).openapi({
      description:
        'Steps whose input and code are unchanged are taken from an earlier run. `false`: every step is executed',
    }),
    from: z.string().max(300).optional().openapi({
      description:
        'A step, as a run names them: what comes before it may be taken from earlier runs, the step and what follows are executed',
      example: 'trainCandidate',
    }),
    search: runIdSchema.optional().openapi({
      description:
        'A search of the pipeline that succeeded: candidates are trained with the parameters it found, by default the winner alone, on its data and its hold-out',
    }),
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
    /** Of what the settings file said of the pipeline when the run was accepted; null for nothing. */
    settingsSha256: sha256Schema.nullable(),
    /** Parameters that a search found and the run's candidates are trained with. */
    tuned: tunedSchema.nullable(),
    /** Whether steps may be taken from earlier runs; where `from` names a step, only those before it. */
    cache: z.boolean(),
    from: z.string().nullable(),
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
    status: z.enum(stepStatuses),
    /** The run that a `cached` step was executed in. */
    cachedFrom: runIdSchema.nullable(),
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

/** What an event carries: all of a run but its validation report. */
export const runProgressSchema = runSchema
  .extend({
    steps: z.array(runStepSchema),
    candidates: z.array(runCandidateSchema),
    rows: rowsReportSchema.nullable(),
    verdict: gateVerdictSchema.nullable(),
    validationVerdict: validationReportSchema.shape.verdict.nullable(),
  })
  .openapi('RunProgress');
export type RunProgress = z.infer<typeof runProgressSchema>;

export const runDetailSchema = runProgressSchema
  .extend({
    validation: validationReportSchema.nullable(),
    /** The champion's figures on the hold-out; null until its version is registered. */
    holdOut: z.object({ metrics, baseline: metrics, intervals: metricIntervalsSchema }).nullable(),
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

export const cancelRunSchema = z.strictObject({ reason: reasonSchema.optional() });

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
