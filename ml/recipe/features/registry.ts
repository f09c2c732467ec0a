import { z } from 'zod';
import type { FeatureDefinition } from '../step.ts';
import { daysBetween, difference, ratio, sum } from './arithmetic.ts';
import { bucket } from './bucket.ts';
import { datePart } from './calendar.ts';
import { isAfter, isEqual, isMissing } from './comparison.ts';
import { cross } from './cross.ts';
import { join } from './join.ts';
import { lookup } from './lookup.ts';
import { take } from './take.ts';

/** Besides `take`, whose feature has the name of its column where it is given none. */
const others = [
  daysBetween,
  difference,
  ratio,
  sum,
  isAfter,
  isEqual,
  isMissing,
  datePart,
  bucket,
  cross,
  join,
  lookup,
];

/** Derived features: row by row, nothing learned, the same in training and in serving. */
export const featureStepSchema = z.discriminatedUnion('step', [
  take.schema,
  ...others.map(({ schema }) => schema),
]);
export type FeatureStep = z.infer<typeof featureStepSchema>;

const definitions: ReadonlyMap<string, FeatureDefinition<FeatureStep>> = new Map(
  [take, ...others].map((definition) => [definition.schema.shape.step.value, definition]),
);

/** @throws RangeError for a step that no declaration could have */
export function featureDefinition({ step }: Pick<FeatureStep, 'step'>): FeatureDefinition<FeatureStep> {
  const found = definitions.get(step);
  if (found === undefined) throw new RangeError(`no feature is made by ${step}`);
  return found;
}

export const featureName = (step: FeatureStep): string =>
  step.step === 'take' ? (step.as ?? step.column) : step.as;
