import { z } from 'zod';
import { columnName } from '../column-name.ts';
import { defineFeature } from '../step.ts';

const schema = z.strictObject({
  step: z.literal('lookup'),
  lookup: columnName,
  value: columnName,
  as: columnName,
});

/**
 * A row of the past must see its table as it stood then, so SQL computes the value with strict `<` on time and
 * the frame carries it under the name of the feature: a frame's own column goes before the table. A request has
 * no such column and reads the table, which is the state after the last training row. A missing, unknown or
 * unlisted key gives the default. The law of the recipe holds for frames without as-of columns.
 */
export const lookup = defineFeature({
  schema,
  reads: ({ lookup: name }, lookups) => lookups.flatMap((of) => (of.name === name ? [of.key] : [])),
  // Table, key and value name are checked with the look-ups' own declaration, see `check.ts`.
  check: (step, scope) => scope.define(step.as, 'number'),
  operations(step, findLookup) {
    const { key, find } = findLookup(step.lookup, step.value);
    return [{ op: 'lookup', from: key, as: step.as, apply: find }];
  },
});
