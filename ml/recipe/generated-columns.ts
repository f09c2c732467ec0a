import type { Frame } from '../frame.ts';
import { encodeDefinition } from './encode/registry.ts';
import { featureDefinition } from './features/registry.ts';
import { createFindLookup, type LookupTable } from './lookups.ts';
import { applyToColumns, type Table, writeOut } from './over-columns.ts';
import { featureOperations } from './recipe.ts';
import { RecipeError } from './scope.ts';
import type { GeneratedStep, RecipeSpec } from './spec.ts';
import type { TableColumn, Training } from './step.ts';

/** Single steps beside the features of a recipe, as its rows have them before any other encoding: one column at a time. */
export function createGeneratedColumns({
  spec,
  frame,
  lookups,
}: {
  spec: RecipeSpec;
  frame: Frame;
  lookups: readonly LookupTable[];
}): (step: GeneratedStep) => TableColumn {
  const features: Table = { rows: frame.rows, columns: new Map(), sparse: [] };
  for (const operation of featureOperations(spec, lookups)) applyToColumns(features, operation, frame);
  const findLookup = createFindLookup(spec.lookups, lookups);
  const training: Training = {
    rows: frame.rows,
    column: (name) => columnOf(features, name),
    select: (selector) => (typeof selector === 'string' ? [] : selector),
    target: undefined,
    seed: 0,
  };
  return (step) => {
    const table: Table = { ...features, columns: new Map(features.columns), sparse: [] };
    const operations =
      step.step === 'aggregate'
        ? encodeDefinition(step).operations(encodeDefinition(step).fit(step, training))
        : featureDefinition(step).operations(step, findLookup);
    for (const operation of operations) applyToColumns(table, operation, frame);
    return columnOf(table, step.as);
  };
}

function columnOf({ columns }: Table, name: string): TableColumn {
  const column = columns.get(name);
  if (column === undefined) throw new RecipeError([`column '${name}' is not there`]);
  return writeOut(column);
}
