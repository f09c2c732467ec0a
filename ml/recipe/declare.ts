import type { ColumnKind } from '../frame.ts';
import { featureDefinition } from './features/registry.ts';
import type { EncodeStep, FeatureStep, LookupSpec, RecipeSpec } from './spec.ts';

/** The parts of a pipeline's declaration that make its recipes; a whole declaration fits. */
export type RecipeDeclaration = {
  rows: { columns: Readonly<Record<string, { kind: ColumnKind }>> };
  lookups: readonly LookupSpec[];
  features: readonly FeatureStep[];
};

/** The columns that a step reads, look-ups by their key. */
export const columnsRead = (step: FeatureStep, lookups: readonly LookupSpec[]): readonly string[] =>
  featureDefinition(step).reads(step, lookups);

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
