import { z } from 'zod';
import { columnSelector } from '../column-name.ts';
import { defineEncode } from '../step.ts';
import { numbersOf, withoutColumns } from './columns.ts';
import { meanAndDeviation, range } from './statistics.ts';

const schema = z.strictObject({
  step: z.literal('scale'),
  columns: columnSelector,
  method: z.enum(['standard', 'minMax']),
});
type Step = z.infer<typeof schema>;

const fittedSchema = z.strictObject({
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
export const scale = defineEncode({
  schema,
  fitted: fittedSchema,
  without: withoutColumns,
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
});
