import { z } from '@hono/zod-openapi';

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
