import type { FeatureStep } from '../spec.ts';
import type { FeatureDefinition } from '../step.ts';

type Step = Extract<FeatureStep, { step: 'bucket' }>;

export const bucket: FeatureDefinition<Step> = {
  check(step, scope) {
    scope.read(step.column, ['number']);
    const fall = step.edges.findIndex((edge, index) => edge <= (step.edges[index - 1] ?? -Infinity));
    if (fall > 0) {
      scope.report(`edges must rise: edges[${fall}] is ${step.edges[fall]} after ${step.edges[fall - 1]}`);
    }
    scope.define(step.as, 'number');
  },
  operations: ({ column, edges, as }) => [
    {
      op: 'unary',
      from: column,
      as,
      apply(value) {
        if (Number.isNaN(value)) return value;
        let index = 0;
        while (index < edges.length && value >= (edges[index] as number)) index += 1;
        return index;
      },
    },
  ],
};
