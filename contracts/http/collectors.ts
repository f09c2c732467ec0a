import { z } from '@hono/zod-openapi';
import { collectionIdSchema, collectionStages, collectionStatuses } from '../collections.ts';
import { collectorNameSchema } from '../collector.ts';
import { runIdSchema } from '../ids.ts';
import { time, wholeNumber } from './shared.ts';

/** A part of a round. */
export const collectionStageSchema = z
  .object({
    stage: z.enum(collectionStages),
    status: z.enum(collectionStatuses),
    /** What it has come to, or why it failed or had nothing to do. */
    message: z.string().nullable(),
    /** The retraining that it began. */
    run: runIdSchema.nullable(),
    startedAt: time,
    endedAt: time.nullable(),
  })
  .openapi('CollectionStage');
export type CollectionStageView = z.infer<typeof collectionStageSchema>;

export const collectionSchema = z
  .object({
    id: collectionIdSchema,
    collector: collectorNameSchema,
    /** Of the stage that collects. The next round may begin once that has ended. */
    status: z.enum(collectionStatuses),
    requestedBy: z.string(),
    startedAt: time,
    endedAt: time.nullable(),
    /** Pages or files that were read. */
    parts: z.int(),
    /** Pages of which their server said that they are as they were. */
    unchanged: z.int(),
    /** Reviews that were new, known, and none. */
    accepted: z.int(),
    duplicates: z.int(),
    rejected: z.int(),
    /** Why it ended, or why it failed. */
    message: z.string().nullable(),
    stages: z.array(collectionStageSchema),
    links: z.object({ self: z.string(), temporal: z.string() }),
  })
  .openapi('Collection');
export type Collection = z.infer<typeof collectionSchema>;
export const collectionListSchema = z.object({ items: z.array(collectionSchema) });
export const collectionQuerySchema = z.strictObject({ limit: wholeNumber(200).default(20) });

export const collectorViewSchema = z
  .object({
    name: collectorNameSchema,
    title: z.string(),
    description: z.string(),
    kind: z.enum(['folder', 'pages', 'api']),
    /** What reviews are filed under that name no source themselves. */
    source: z.string(),
    /** The folder or the first address that it reads. */
    reads: z.string(),
    schedule: z
      .object({
        cron: z.string(),
        timezone: z.string(),
        paused: z.boolean(),
        /** The next five; empty while paused. */
        nextTimes: z.array(time),
        /** Whether Temporal has it yet. */
        registered: z.boolean(),
      })
      .nullable(),
    /** When everything that was shown had last been read. */
    completedAt: time.nullable(),
    /** The page that the next round goes on at, where the last stopped before the end. */
    goesOnAt: z.string().nullable(),
    last: collectionSchema.nullable(),
  })
  .openapi('Collector');
export type CollectorView = z.infer<typeof collectorViewSchema>;
export const collectorListSchema = z.object({
  items: z.array(collectorViewSchema),
  /** What is wrong with declarations that cannot be used, each with its file, line and key. */
  problems: z.array(z.string()),
});

export const collectionRequestedSchema = z
  .object({
    collectionId: collectionIdSchema,
    collector: collectorNameSchema,
    workflowId: z.string(),
    links: z.object({ collection: z.string(), temporal: z.string() }),
  })
  .openapi('CollectionRequested');
