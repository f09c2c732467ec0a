import type { ColumnKind } from '../../frame.ts';
import type { FeatureStep } from '../spec.ts';
import type { FeatureDefinition } from '../step.ts';

type Step<K extends FeatureStep['step']> = Extract<FeatureStep, { step: K }>;

const ordered: readonly ColumnKind[] = ['number', 'timestamp'];
const any: readonly ColumnKind[] = ['number', 'timestamp', 'category', 'text'];

export const isAfter: FeatureDefinition<Step<'isAfter'>> = {
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
};

export const isEqual: FeatureDefinition<Step<'isEqual'>> = {
  check(step, scope) {
    const left = scope.read(step.left, ['number', 'timestamp', 'category']);
    if (left !== null) scope.read(step.right, [left]);
    scope.define(step.as, 'number');
  },
  operations: (step) => [{ op: 'equal', left: step.left, right: step.right, as: step.as }],
};

export const isMissing: FeatureDefinition<Step<'isMissing'>> = {
  check(step, scope) {
    scope.read(step.column, any);
    scope.define(step.as, 'number');
  },
  operations: (step) => [{ op: 'missing', from: step.column, as: step.as }],
};
