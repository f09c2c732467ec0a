import type { ColumnKind } from '../frame.ts';
import type { EncodeStep, FeatureStep, LookupSpec, RecipeSpec } from './spec.ts';

/** The parts of a pipeline's declaration that make its recipes; a whole declaration fits. */
export type RecipeDeclaration = {
  rows: { columns: Readonly<Record<string, { kind: ColumnKind }>> };
  lookups: readonly LookupSpec[];
  features: readonly FeatureStep[];
};

/** The columns that a step reads, look-ups by their key. */
export function columnsRead(step: FeatureStep, lookups: readonly LookupSpec[]): readonly string[] {
  switch (step.step) {
    case 'take':
    case 'isMissing':
    case 'datePart':
    case 'bucket':
      return [step.column];
    case 'daysBetween':
      return [step.from, step.to];
    case 'difference':
    case 'isAfter':
    case 'isEqual':
    case 'cross':
      return [step.left, step.right];
    case 'ratio':
      return [step.numerator, step.denominator];
    case 'sum':
      return step.columns;
    case 'lookup':
      return lookups.flatMap(({ name, key }) => (name === step.lookup ? [key] : []));
    default:
      return step satisfies never;
  }
}

/**
 * The recipe of one encoding. Inputs are the row columns that its features read, so a request need not carry
 * the others; as-of columns of look-ups are none, because a request has the table instead.
 */
export function recipeOf(declaration: RecipeDeclaration, encode: readonly EncodeStep[]): RecipeSpec {
  const { rows, features } = declaration;
  const used = new Set(features.flatMap((step) => columnsRead(step, declaration.lookups)));
  const usedLookups = new Set(features.flatMap((step) => (step.step === 'lookup' ? [step.lookup] : [])));
  return {
    inputs: Object.entries(rows.columns).flatMap(([name, { kind }]) =>
      used.has(name) ? [{ name, kind }] : [],
    ),
    lookups: declaration.lookups
      .filter(({ name }) => usedLookups.has(name))
      .map(({ name, key, values }) => ({ name, key, values })),
    features: [...features],
    encode: [...encode],
  };
}
