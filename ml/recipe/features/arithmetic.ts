import { z } from 'zod';
import { columnName } from '../column-name.ts';
import { defineFeature } from '../step.ts';

const millisecondsPerDay = 86_400_000;

/** A denominator such as 1e-320 is within any bounds of a request, and no linear model takes an infinity. */
const finiteOrMissing = (value: number): number => (Number.isFinite(value) ? value : Number.NaN);

const daysBetweenSchema = z.strictObject({
  step: z.literal('daysBetween'),
  from: columnName,
  to: columnName,
  as: columnName,
});

/** Negative where `to` is earlier than `from`. */
export const daysBetween = defineFeature({
  schema: daysBetweenSchema,
  reads: ({ from, to }) => [from, to],
  check(step, scope) {
    scope.read(step.from, ['timestamp']);
    scope.read(step.to, ['timestamp']);
    scope.define(step.as, 'number');
  },
  operations: (step) => [
    {
      op: 'binary',
      left: step.from,
      right: step.to,
      as: step.as,
      apply: (from, to) => (to - from) / millisecondsPerDay,
    },
  ],
});

const differenceSchema = z.strictObject({
  step: z.literal('difference'),
  left: columnName,
  right: columnName,
  as: columnName,
});

export const difference = defineFeature({
  schema: differenceSchema,
  reads: ({ left, right }) => [left, right],
  check(step, scope) {
    scope.read(step.left, ['number']);
    scope.read(step.right, ['number']);
    scope.define(step.as, 'number');
  },
  operations: (step) => [
    {
      op: 'binary',
      left: step.left,
      right: step.right,
      as: step.as,
      apply: (left, right) => finiteOrMissing(left - right),
    },
  ],
});

const ratioSchema = z.strictObject({
  step: z.literal('ratio'),
  numerator: columnName,
  denominator: columnName,
  as: columnName,
});

/** Missing where either side is, over zero, or past what a double holds. */
export const ratio = defineFeature({
  schema: ratioSchema,
  reads: ({ numerator, denominator }) => [numerator, denominator],
  check(step, scope) {
    scope.read(step.numerator, ['number']);
    scope.read(step.denominator, ['number']);
    scope.define(step.as, 'number');
  },
  operations: (step) => [
    {
      op: 'binary',
      left: step.numerator,
      right: step.denominator,
      as: step.as,
      apply: (numerator, denominator) => finiteOrMissing(numerator / denominator),
    },
  ],
});

const sumSchema = z.strictObject({
  step: z.literal('sum'),
  columns: z.array(columnName).min(2),
  as: columnName,
});

/** Missing where any summand is, or where a partial sum overflows. Added from left to right. */
export const sum = defineFeature({
  schema: sumSchema,
  reads: ({ columns }) => columns,
  check(step, scope) {
    for (const column of step.columns) scope.read(column, ['number']);
    scope.define(step.as, 'number');
  },
  operations({ columns, as }) {
    const [first, ...rest] = columns;
    return rest.map((right, index) => ({
      op: 'binary' as const,
      left: index === 0 && first !== undefined ? first : as,
      right,
      as,
      apply: (left: number, value: number) => finiteOrMissing(left + value),
    }));
  },
});
