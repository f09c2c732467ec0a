import { z } from 'zod';
import { columnSelector } from '../column-name.ts';
import { defineEncode } from '../step.ts';
import { numbersOf, withoutColumns } from './columns.ts';
import { meanAndDeviation, quantiles } from './statistics.ts';

const schema = z.strictObject({
  step: z.literal('clip'),
  columns: columnSelector,
  method: z.enum(['standardDeviations', 'interquartile']),
  /** Half width, in standard deviations or interquartile ranges. */
  width: z.number().positive(),
});
type Step = z.infer<typeof schema>;

const fittedSchema = z.strictObject({
  step: z.literal('clip'),
  columns: z.array(z.strictObject({ name: z.string(), low: z.number(), high: z.number() })),
});

function limits(values: Float64Array, { method, width }: Step): { low: number; high: number } | null {
  switch (method) {
    case 'standardDeviations': {
      const moments = meanAndDeviation(values);
      if (moments === null) return null;
      const { mean, deviation } = moments;
      return { low: mean - width * deviation, high: mean + width * deviation };
    }
    case 'interquartile': {
      const quartiles = quantiles(values, [0.25, 0.75]);
      if (quartiles === null) return null;
      const [lower = 0, upper = 0] = quartiles;
      return { low: lower - width * (upper - lower), high: upper + width * (upper - lower) };
    }
    default:
      return method satisfies never;
  }
}

/** Values beyond the limits become the limits; missing ones stay. A column never observed is left as it is. */
export const clip = defineEncode({
  schema,
  fitted: fittedSchema,
  without: withoutColumns,
  check: (step, scope) => void scope.select(step.columns, ['number']),
  fit(step, training) {
    const columns = training.select(step.columns).flatMap((name) => {
      const found = limits(numbersOf(training, name), step);
      return found === null ? [] : [{ name, low: found.low + 0, high: found.high + 0 }];
    });
    return { step: 'clip', columns };
  },
  operations: ({ columns }) =>
    columns.map(({ name, low, high }) => ({
      op: 'unary',
      from: name,
      as: name,
      apply: (value) => (value < low ? low : value > high ? high : value),
    })),
});
