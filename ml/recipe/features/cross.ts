import type { FeatureStep } from '../spec.ts';
import type { FeatureDefinition } from '../step.ts';

type Step = Extract<FeatureStep, { step: 'cross' }>;

/** A category of the pairs of levels of two others. */
export const cross: FeatureDefinition<Step> = {
  check(step, scope) {
    scope.read(step.left, ['category']);
    scope.read(step.right, ['category']);
    scope.define(step.as, 'category');
  },
  operations: (step) => [{ op: 'cross', left: step.left, right: step.right, as: step.as }],
};
