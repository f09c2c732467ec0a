import { z } from 'zod';
import type { EncodeStep } from '../spec.ts';
import type { EncodeDefinition } from '../step.ts';
import { numbersOf } from './columns.ts';
import { meanAndDeviation, quantiles } from './statistics.ts';

type Step = Extract<EncodeStep, { step: 'clip' }>;

export const fittedClipSchema = z.strictObject({
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
export const clip: EncodeDefinition<Step, z.infer<typeof fittedClipSchema>> = {
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
};
