import { z } from '@hono/zod-openapi';
import { pipelineNameSchema } from '../ids.ts';
import { runParametersSchema } from '../runs.ts';
import { cronSchema, jitterSchema, timezoneSchema } from '../schedule.ts';
import { time } from './shared.ts';

export const putScheduleSchema = z
  .strictObject({
    cron: cronSchema.meta({ example: '0 4 * * 1' }),
    timezone: timezoneSchema.default('UTC').openapi({ example: 'Europe/Paris' }),
    source: z.string().max(2000).optional().openapi({ description: "Default: the declaration's." }),
    parameters: z.record(z.string(), z.unknown()).default({}).openapi({ type: 'object' }),
    jitter: jitterSchema.optional(),
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
