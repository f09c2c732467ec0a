import type { FeatureStep } from '../spec.ts';
import type { FeatureDefinition } from '../step.ts';

type Step<K extends FeatureStep['step']> = Extract<FeatureStep, { step: K }>;

const millisecondsPerDay = 86_400_000;

/** A denominator such as 1e-320 is within any bounds of a request, and no linear model takes an infinity. */
const finiteOrMissing = (value: number): number => (Number.isFinite(value) ? value : Number.NaN);

/** Negative where `to` is earlier than `from`. */
export const daysBetween: FeatureDefinition<Step<'daysBetween'>> = {
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
};

export const difference: FeatureDefinition<Step<'difference'>> = {
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
};

/** Missing where either side is, over zero, or past what a double holds. */
export const ratio: FeatureDefinition<Step<'ratio'>> = {
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
};

/** Missing where any summand is, or where a partial sum overflows. Added from left to right. */
export const sum: FeatureDefinition<Step<'sum'>> = {
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
};
