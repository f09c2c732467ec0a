import { z } from 'zod';
import { type Blocks, layOutRows, type PreparedColumns } from '../blocks.ts';
import type { Frame } from '../frame.ts';
import { ensureRecipe } from './check.ts';
import { encodeDefinition, type FittedStep, fittedStepSchema } from './encode/registry.ts';
import { featureDefinition, featureName } from './features/registry.ts';
import { createFindLookup, type LookupTable } from './lookups.ts';
import type { Operation } from './operation.ts';
import { applyToColumns, prepareColumns, type Table, writeOut } from './over-columns.ts';
import { RecipeError, selectColumns } from './scope.ts';
import { featureStepSchema, inputColumnSchema, lookupSpecSchema, type RecipeSpec } from './spec.ts';
import type { Training } from './step.ts';

/** All that serving needs of a recipe, look-up tables apart; plain JSON, and unchanged to the bit by its round trip. */
export const fittedRecipeSchema = z.strictObject({
  inputs: z.array(inputColumnSchema),
  lookups: z.array(lookupSpecSchema),
  features: z.array(featureStepSchema),
  steps: z.array(fittedStepSchema),
});
export type FittedRecipe = z.infer<typeof fittedRecipeSchema>;

/**
 * Learns a recipe from training rows and gives these rows prepared. Equal to `transform` on the same rows, except
 * for steps that keep a training row from its own target (`targetEncode`, out of fold).
 *
 * @throws RecipeError where the recipe is wrong (`checkRecipe`), the frame lacks an input, or a table is absent.
 */
export function fitTransform(options: {
  spec: RecipeSpec;
  frame: Frame;
  lookups: readonly LookupTable[];
  /** One per row: the value, or the index of the class. Needed by `targetEncode` only. */
  target?: Float64Array;
  seed: number;
}): { fitted: FittedRecipe; blocks: Blocks } {
  const { spec, frame, lookups, target, seed } = options;
  ensureRecipe(spec);
  if (target !== undefined && target.length !== frame.rows) {
    throw new RecipeError([`target: ${target.length} values for ${frame.rows} rows`]);
  }
  const fitted: FittedRecipe = {
    inputs: spec.inputs,
    lookups: spec.lookups,
    features: spec.features,
    steps: [],
  };
  ensureInputs(fitted, frame);
  const table = applyAll(featureOperations(fitted, lookups), frame);
  const training: Training = {
    rows: frame.rows,
    column(name) {
      const column = table.columns.get(name);
      if (column === undefined) throw new RecipeError([`column '${name}' is not there`]);
      return writeOut(column);
    },
    select: (selector) =>
      selectColumns(
        selector,
        new Map([...table.columns].map(([name, { kind }]) => [name, kind === 'level' ? 'number' : kind])),
      ),
    target,
    seed,
  };
  for (const [index, step] of spec.encode.entries()) {
    try {
      const definition = encodeDefinition(step);
      const learned = definition.fit(step, training);
      refuseOverflow(learned);
      const ownRows = definition.outOfFold?.(step, learned, training) ?? [];
      for (const operation of definition.operations(learned)) applyToColumns(table, operation, frame);
      for (const { name, values } of ownRows) table.columns.set(name, { kind: 'number', values });
      fitted.steps.push(learned);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new RecipeError([`encode[${index}] ${step.step}: ${reason}`], { cause: error });
    }
  }
  return { fitted, blocks: layOutRows(prepareColumns(table)) };
}

/** Prepares rows outside the fit: what serving gives, to the bit, on rows without as-of columns. */
export function transform({ frame, ...recipe }: FittedOn & { frame: Frame }): Blocks {
  return layOutRows(createPreparation(recipe)(frame));
}

export type FittedOn = { fitted: FittedRecipe; lookups: readonly LookupTable[] };

/**
 * The same for many frames, and before rows are laid out: look-up tables are indexed once.
 * @throws RecipeError where a look-up table is absent or does not fit
 */
export function createPreparation({ fitted, lookups }: FittedOn): (frame: Frame) => PreparedColumns {
  const operations = [...featureOperations(fitted, lookups), ...encodeOperations(fitted)];
  return (frame) => {
    ensureInputs(fitted, frame);
    return prepareColumns(applyAll(operations, frame));
  };
}

/** The declared features before any encoding: numbers and levels as people know them. */
export function featureFrame({ fitted, frame, lookups }: FittedOn & { frame: Frame }): Frame {
  ensureInputs(fitted, frame);
  const { rows, columns } = applyAll(featureOperations(fitted, lookups), frame);
  const features = [...columns].flatMap(([name, column]) =>
    // Codes and levels are made by encode steps only.
    column.kind === 'codes' || column.kind === 'level' ? [] : [[name, column] as const],
  );
  return { rows, columns: new Map(features) };
}

/** What `transform` does behind `featureFrame`: the encodings alone, for features that somebody has changed. */
export function createEncoding(
  fitted: Pick<FittedRecipe, 'features' | 'steps'>,
): (features: Frame) => Blocks {
  const operations: Operation[] = [
    { op: 'keep', columns: fitted.features.map(featureName) },
    ...encodeOperations(fitted),
  ];
  return (features) => layOutRows(prepareColumns(applyAll(operations, features)));
}

export function featureOperations(
  fitted: Pick<FittedRecipe, 'features' | 'lookups'>,
  lookups: readonly LookupTable[],
): readonly Operation[] {
  const findLookup = createFindLookup(fitted.lookups, lookups);
  return [
    ...fitted.features.flatMap((step) => featureDefinition(step).operations(step, findLookup)),
    { op: 'keep', columns: fitted.features.map(featureName) },
  ];
}

export function encodeOperations(fitted: Pick<FittedRecipe, 'steps'>): readonly Operation[] {
  return fitted.steps.flatMap((step) => encodeDefinition(step).operations(step));
}

function applyAll(operations: readonly Operation[], frame: Frame): Table {
  const table: Table = { rows: frame.rows, columns: new Map(), sparse: [] };
  for (const operation of operations) applyToColumns(table, operation, frame);
  return table;
}

/** Squares of values past 1e154 are infinite, and no JSON holds what was learned from them. */
function refuseOverflow(learned: FittedStep): void {
  if (!('columns' in learned)) return;
  for (const column of learned.columns) {
    if (typeof column === 'string') continue;
    if (Object.values(column).some((value) => typeof value === 'number' && !Number.isFinite(value))) {
      throw new RangeError(
        `column '${column.name}' has values too large to learn from; mask them in the rows`,
      );
    }
  }
}

function ensureInputs({ inputs, features }: FittedRecipe, frame: Frame): void {
  const problems = inputs.flatMap(({ name, kind }) => {
    const column = frame.columns.get(name);
    if (column === undefined) return [`frame: no column '${name}'`];
    if (column.kind !== kind) return [`frame: column '${name}' is of kind ${column.kind}, needed: ${kind}`];
    const length = column.kind === 'category' ? column.codes.length : column.values.length;
    return length === frame.rows
      ? []
      : [`frame: column '${name}' has ${length} values for ${frame.rows} rows`];
  });
  for (const step of features) {
    const asOf = step.step === 'lookup' ? frame.columns.get(step.as) : undefined;
    if (asOf !== undefined && asOf.kind !== 'number') {
      problems.push(`frame: as-of column '${featureName(step)}' is of kind ${asOf.kind}, needed: number`);
    }
  }
  if (problems.length > 0) throw new RecipeError(problems);
}
