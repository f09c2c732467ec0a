import { z } from '@hono/zod-openapi';

const bounds = { low: z.number(), high: z.number() };
/** Of a percentile bootstrap over the held-out rows; `level` is the share it covers. */
const intervalSchema = z.object({ ...bounds, level: z.number() });

export const metricIntervalsSchema = z
  .record(z.string(), intervalSchema.extend({ minusBaseline: z.object(bounds).nullable() }))
  .openapi('MetricIntervals', {
    description:
      'Of each metric on the hold-out, and of its difference to the naive baseline on the same rows. A metric that the rows say too little of is absent.',
  });

export const gateVerdictSchema = z
  .object({
    outcome: z.enum(['passed', 'rejected']),
    checks: z.array(
      z.object({
        check: z.string(),
        passed: z.boolean(),
        value: z.number().nullable(),
        bound: z.number().nullable(),
        /** Of the value. */
        interval: intervalSchema.optional(),
        /** Value minus bound on the same rows, where the bound is another model's value. */
        difference: intervalSchema.extend({ value: z.number() }).optional(),
        message: z.string(),
      }),
    ),
    comparison: z.enum([
      'better-or-equal',
      'worse',
      'continuous',
      'discontinuous',
      'not-comparable',
      'no-production',
    ]),
    /** The version it was compared with. */
    production: z.int().nullable(),
  })
  .openapi('GateVerdict');
