import { z } from 'zod';
import { columnName } from '../column-name.ts';
import { defineFeature } from '../step.ts';

const schema = z.strictObject({
  step: z.literal('bucket'),
  column: columnName,
  edges: z.array(z.number()).min(1),
  as: columnName,
});

/** Index of the half-open interval [edges[i-1], edges[i]) that holds the value: 0 … edges.length. */
export const bucket = defineFeature({
  schema,
  reads: ({ column }) => [column],
  check(step, scope) {
    scope.read(step.column, ['number']);
    const fall = step.edges.findIndex((edge, index) => edge <= (step.edges[index - 1] ?? -Infinity));
    if (fall > 0) {
      scope.report(`edges must rise: edges[${fall}] is ${step.edges[fall]} after ${step.edges[fall - 1]}`);
    }
    scope.define(step.as, 'number');
  },
  operations: ({ column, edges, as }) => [
    {
      op: 'unary',
      from: column,
      as,
      apply(value) {
        if (Number.isNaN(value)) return value;
        let index = 0;
        while (index < edges.length && value >= (edges[index] as number)) index += 1;
        return index;
      },
    },
  ],
});
