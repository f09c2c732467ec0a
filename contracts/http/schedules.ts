import { z } from '@hono/zod-openapi';
import { pipelineNameSchema } from '../ids.ts';
import { runParametersSchema } from '../runs.ts';
import { time } from './shared.ts';

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
