import { z } from 'zod';
import type { EncodeStep } from '../spec.ts';
import type { EncodeDefinition } from '../step.ts';
import { numbersOf } from './columns.ts';
import { meanAndDeviation, range } from './statistics.ts';

type Step = Extract<EncodeStep, { step: 'scale' }>;

export const fittedScaleSchema = z.strictObject({
  step: z.literal('scale'),
  columns: z.array(z.strictObject({ name: z.string(), centre: z.number(), width: z.number().positive() })),
});

function centreAndWidth(
  values: Float64Array,
  method: Step['method'],
): { centre: number; width: number } | null {
  switch (method) {
    case 'standard': {
      const moments = meanAndDeviation(values);
      return moments === null ? null : { centre: moments.mean, width: moments.deviation };
    }
    case 'minMax': {
      const found = range(values);
      return found === null ? null : { centre: found.min, width: found.max - found.min };
    }
    default:
      return method satisfies never;
  }
}

/** (x − centre) / width: zero mean and unit deviation, or the training range onto [0, 1]. Missing stays missing. */
export const scale: EncodeDefinition<Step, z.infer<typeof fittedScaleSchema>> = {
  check: (step, scope) => void scope.select(step.columns, ['number']),
  fit(step, training) {
    const columns = training.select(step.columns).flatMap((name) => {
      const found = centreAndWidth(numbersOf(training, name), step.method);
      // A constant column is centred only; one never observed is left as it is.
      return found === null ? [] : [{ name, centre: found.centre, width: found.width > 0 ? found.width : 1 }];
    });
    return { step: 'scale', columns };
  },
  operations: ({ columns }) =>
    columns.map(({ name, centre, width }) => ({ op: 'scale', column: name, centre, width })),
};
