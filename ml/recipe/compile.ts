import type { Blocks } from '../blocks.ts';
import type { Instance } from './instances.ts';
import type { Instruction } from './instructions.ts';
import type { LookupTable } from './lookups.ts';
import { createProgram } from './program.ts';
import { encodeOperations, type FittedRecipe, featureOperations } from './recipe.ts';
import { createSparseRows } from './sparse-rows.ts';

/**
 * A fitted recipe for single rows: names are resolved to places in flat arrays once, and a row is one walk over
 * closures. Equal to `transform` on `rowsToFrame` to the bit. Not re-entrant: one row at a time a compiled recipe.
 */
export type CompiledRecipe = {
  /** Empty blocks for so many rows, and the function that fills the next one. */
  allocate(rows: number): { writeRow(instance: Instance): void; finish(): Blocks };
  transform(instances: readonly Instance[]): Blocks;
};

/** @throws RecipeError where a look-up table is absent or does not fit. */
export function compileRecipe(fitted: FittedRecipe, lookups: readonly LookupTable[]): CompiledRecipe {
  const program = createProgram(fitted.inputs);
  for (const operation of featureOperations(fitted, lookups)) program.add(operation);
  for (const operation of encodeOperations(fitted)) program.add(operation);
  const { instructions, registers, outputs } = program.finish();
  const { numbers, codes } = registers;
  const denseAt = Int32Array.from(outputs.dense, ({ at }) => at);
  const codesAt = Int32Array.from(outputs.codes, ({ at }) => at);
  const denseNames = outputs.dense.map(({ name }) => name);
  const codesNames = outputs.codes.map(({ name }) => name);
  const codesLevels = outputs.codes.map(({ levels }) => levels);

  const allocate: CompiledRecipe['allocate'] = (rows) => {
    const dense = new Float64Array(rows * denseAt.length);
    const coded = new Int32Array(rows * codesAt.length);
    const sparse = createSparseRows(rows);
    let row = 0;
    return {
      writeRow(instance) {
        if (row === rows) throw new RangeError(`all ${rows} rows are written`);
        for (let step = 0; step < instructions.length; step++) {
          (instructions[step] as Instruction)(instance, sparse);
        }
        for (let place = 0, to = row * denseAt.length; place < denseAt.length; place++, to++) {
          dense[to] = numbers[denseAt[place] as number] as number;
        }
        for (let place = 0, to = row * codesAt.length; place < codesAt.length; place++, to++) {
          coded[to] = codes[codesAt[place] as number] as number;
        }
        sparse.endRow();
        row += 1;
      },
      finish: () => ({
        rows,
        dense: { names: denseNames, values: dense },
        codes: { names: codesNames, levels: codesLevels, values: coded },
        sparse: sparse.finish(outputs.sparse),
      }),
    };
  };

  return {
    allocate,
    transform(instances) {
      const { writeRow, finish } = allocate(instances.length);
      for (const instance of instances) writeRow(instance);
      return finish();
    },
  };
}
