import { z } from 'zod';
import { columnName } from '../column-name.ts';
import { defineFeature } from '../step.ts';

const schema = z.strictObject({
  step: z.literal('cross'),
  left: columnName,
  right: columnName,
  as: columnName,
});

/** A category of the pairs of levels of two others. */
export const cross = defineFeature({
  schema,
  reads: ({ left, right }) => [left, right],
  check(step, scope) {
    scope.read(step.left, ['category']);
    scope.read(step.right, ['category']);
    scope.define(step.as, 'category');
  },
  operations: (step) => [{ op: 'cross', left: step.left, right: step.right, as: step.as }],
});
