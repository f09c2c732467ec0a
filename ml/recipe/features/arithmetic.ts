import type { FeatureStep } from '../spec.ts';
import type { FeatureDefinition } from '../step.ts';

type Step<K extends FeatureStep['step']> = Extract<FeatureStep, { step: K }>;

const millisecondsPerDay = 86_400_000;

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
    { op: 'binary', left: step.left, right: step.right, as: step.as, apply: (left, right) => left - right },
  ],
};

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
      apply: (numerator, denominator) => (denominator === 0 ? Number.NaN : numerator / denominator),
    },
  ],
};

/** Missing where any summand is. Added from left to right. */
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
      apply: (left: number, value: number) => left + value,
    }));
  },
};
