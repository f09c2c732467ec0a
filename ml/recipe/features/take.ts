import type { FeatureStep } from '../spec.ts';
import type { FeatureDefinition } from '../step.ts';

type Step = Extract<FeatureStep, { step: 'take' }>;

export const take: FeatureDefinition<Step> = {
  check(step, scope) {
    const kind = scope.read(step.column, ['number', 'timestamp', 'category', 'text']);
    if (kind === null) return;
    if (step.as === undefined || step.as === step.column) scope.defineInput(step.column, kind);
    else scope.define(step.as, kind);
  },
  operations: (step) => [{ op: 'copy', from: step.column, as: step.as ?? step.column }],
};
