import { z } from 'zod';
import { columnName } from '../column-name.ts';
import { defineFeature } from '../step.ts';

const schema = z.strictObject({
  step: z.literal('join'),
  columns: z.array(columnName).min(2),
  /** Stands between two texts. */
  glue: z.string().max(20).default(' '),
  as: columnName,
});

/** One text of several; those that are missing are left out, and without any it is missing too. */
export const join = defineFeature({
  schema,
  reads: ({ columns }) => columns,
  check(step, scope) {
    scope.select(step.columns, ['text']);
    scope.define(step.as, 'text');
  },
  operations: ({ columns, glue, as }) => [{ op: 'join', from: columns, as, glue }],
});
