import { z } from 'zod';
import type { ColumnKind } from '../../frame.ts';
import { columnName } from '../column-name.ts';
import { defineFeature } from '../step.ts';

const ordered: readonly ColumnKind[] = ['number', 'timestamp'];
const any: readonly ColumnKind[] = ['number', 'timestamp', 'category', 'text'];

const isAfterSchema = z.strictObject({
  step: z.literal('isAfter'),
  left: columnName,
  right: columnName,
  as: columnName,
});

/** 1 where left is later (or greater) than right, else 0; missing where either side is. */
export const isAfter = defineFeature({
  schema: isAfterSchema,
  reads: ({ left, right }) => [left, right],
  check(step, scope) {
    const left = scope.read(step.left, ordered);
    if (left !== null) scope.read(step.right, [left]);
    scope.define(step.as, 'number');
  },
  operations: (step) => [
    {
      op: 'binary',
      left: step.left,
      right: step.right,
      as: step.as,
      apply: (left, right) => (Number.isNaN(left) || Number.isNaN(right) ? Number.NaN : left > right ? 1 : 0),
    },
  ],
});

const isEqualSchema = z.strictObject({
  step: z.literal('isEqual'),
  left: columnName,
  right: columnName,
  as: columnName,
});

export const isEqual = defineFeature({
  schema: isEqualSchema,
  reads: ({ left, right }) => [left, right],
  check(step, scope) {
    const left = scope.read(step.left, ['number', 'timestamp', 'category']);
    if (left !== null) scope.read(step.right, [left]);
    scope.define(step.as, 'number');
  },
  operations: (step) => [{ op: 'equal', left: step.left, right: step.right, as: step.as }],
});

const isMissingSchema = z.strictObject({ step: z.literal('isMissing'), column: columnName, as: columnName });

export const isMissing = defineFeature({
  schema: isMissingSchema,
  reads: ({ column }) => [column],
  check(step, scope) {
    scope.read(step.column, any);
    scope.define(step.as, 'number');
  },
  operations: (step) => [{ op: 'missing', from: step.column, as: step.as }],
});
