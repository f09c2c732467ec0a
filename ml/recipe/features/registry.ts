import type { FeatureStep } from '../spec.ts';
import type { FeatureDefinition } from '../step.ts';
import { daysBetween, difference, ratio, sum } from './arithmetic.ts';
import { bucket } from './bucket.ts';
import { datePart } from './calendar.ts';
import { isAfter, isEqual, isMissing } from './comparison.ts';
import { cross } from './cross.ts';
import { lookup } from './lookup.ts';
import { take } from './take.ts';

const definitions = {
  take,
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
  lookup,
} satisfies { [S in FeatureStep as S['step']]: FeatureDefinition<S> };

/** The entry's key names the step that its definition is written for, which `satisfies` has checked. */
export const featureDefinitions: Readonly<Record<FeatureStep['step'], FeatureDefinition>> = definitions;

export const featureName = (step: FeatureStep): string =>
  step.step === 'take' ? (step.as ?? step.column) : step.as;
