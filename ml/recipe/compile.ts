import type { Blocks } from '../blocks.ts';
import { type Instance, readNumber, readText, readTimestamp } from './instances.ts';
import type { LookupTable } from './lookups.ts';
import type { Operation, WorkingKind } from './operation.ts';
import { encodeOperations, type FittedRecipe, featureOperations } from './recipe.ts';
import { RecipeError } from './scope.ts';
import { createSparseRows, type SparseRows } from './sparse-rows.ts';

/**
 * A fitted recipe for single rows: names are resolved to places in flat arrays once, and a row is one walk over
 * closures. Equal to `transform` on `rowsToFrame` to the bit. Not re-entrant: one row at a time a compiled recipe.
 */
export type CompiledRecipe = {
  /** Empty blocks for so many rows, and the function that fills the next one. */
  allocate(rows: number): { writeRow(instance: Instance): void; finish(): Blocks };
  transform(instances: readonly Instance[]): Blocks;
};

type Registers = { numbers: Float64Array; texts: (string | null)[]; codes: Int32Array };
type Instruction = (instance: Instance, sparse: SparseRows) => void;
/** Every result has a place of its own, so that a `copy` may share the place of its source. */
type Place = { kind: WorkingKind; at: number };

/** @throws RecipeError where a look-up table is absent or does not fit. */
export function compileRecipe(fitted: FittedRecipe, lookups: readonly LookupTable[]): CompiledRecipe {
  const program = createProgram(fitted);
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

type Outputs = {
  dense: readonly { name: string; at: number }[];
  codes: readonly { name: string; at: number; levels: readonly string[] }[];
  sparse: readonly string[];
};

function createProgram(fitted: FittedRecipe) {
  const registers: Registers = { numbers: new Float64Array(0), texts: [], codes: new Int32Array(0) };
  const sizes = { numbers: 0, codes: 0 };
  /** Built once all places are known: typed arrays do not grow. */
  const pending: (() => Instruction)[] = [];
  const inputs = new Map<string, Place>();
  const made = new Map<string, Place>();
  const codeLevels = new Map<string, readonly string[]>();
  const sparseNames: string[] = [];

  const claim = (kind: WorkingKind): Place => {
    if (kind === 'number' || kind === 'timestamp') return { kind, at: sizes.numbers++ };
    if (kind === 'codes') return { kind, at: sizes.codes++ };
    return { kind, at: registers.texts.push(null) - 1 };
  };
  const place = (name: string): Place => {
    const found = made.get(name) ?? inputs.get(name);
    if (found === undefined) throw new RecipeError([`column '${name}' is not there`]);
    return found;
  };
  const result = (name: string): number => {
    const claimed = claim('number');
    made.set(name, claimed);
    return claimed.at;
  };

  for (const { name, kind } of fitted.inputs) {
    const claimed = claim(kind);
    inputs.set(name, claimed);
    pending.push(() => readInput({ name, place: claimed, registers }));
  }

  const add = (operation: Operation): void => {
    switch (operation.op) {
      case 'copy':
        made.set(operation.as, place(operation.from));
        return;
      case 'keep': {
        const kept = operation.columns.map((name) => [name, place(name)] as const);
        made.clear();
        for (const [name, at] of kept) made.set(name, at);
        inputs.clear();
        return;
      }
      case 'drop':
        for (const name of operation.columns) made.delete(name);
        return;
      case 'unary': {
        const { apply } = operation;
        const from = place(operation.from).at;
        const to = result(operation.as);
        pending.push(() => {
          const { numbers } = registers;
          return () => {
            numbers[to] = apply(numbers[from] as number);
          };
        });
        return;
      }
      case 'binary': {
        const { apply } = operation;
        const left = place(operation.left).at;
        const right = place(operation.right).at;
        const to = result(operation.as);
        pending.push(() => {
          const { numbers } = registers;
          return () => {
            numbers[to] = apply(numbers[left] as number, numbers[right] as number);
          };
        });
        return;
      }
      case 'equal': {
        const left = place(operation.left);
        const right = place(operation.right);
        const to = result(operation.as);
        pending.push(() => equal({ left, right, to, registers }));
        return;
      }
      case 'missing': {
        const from = place(operation.from);
        const to = result(operation.as);
        pending.push(() => missing({ from, to, registers }));
        return;
      }
      case 'category':
      case 'lookup': {
        const { apply } = operation;
        const from = place(operation.from).at;
        const to = result(operation.as);
        pending.push(() => {
          const { numbers, texts } = registers;
          return () => {
            numbers[to] = apply(texts[from] as string | null);
          };
        });
        return;
      }
      case 'fill': {
        const { value } = operation;
        const from = place(operation.column).at;
        const to = claim('category');
        made.set(operation.column, to);
        pending.push(() => {
          const { texts } = registers;
          return () => {
            texts[to.at] = texts[from] ?? value;
          };
        });
        return;
      }
      case 'expand': {
        const { slotOf } = operation;
        const from = place(operation.from).at;
        made.delete(operation.from);
        const first = sizes.numbers;
        for (const name of operation.names) result(name);
        pending.push(() => {
          const { numbers, texts } = registers;
          let set = first;
          return () => {
            numbers[set] = 0;
            const slot = slotOf(texts[from] as string | null);
            if (slot < 0) return;
            set = first + slot;
            numbers[set] = 1;
          };
        });
        return;
      }
      case 'codes': {
        const codeOf = new Map(operation.levels.map((level, code) => [level, code]));
        const from = place(operation.from).at;
        const to = claim('codes');
        made.delete(operation.from);
        made.set(operation.from, to);
        codeLevels.set(operation.from, operation.levels);
        pending.push(() => {
          const { codes, texts } = registers;
          return () => {
            const value = texts[from] as string | null;
            codes[to.at] = value === null ? -1 : (codeOf.get(value) ?? -1);
          };
        });
        return;
      }
      case 'sparse': {
        const { vectorise } = operation;
        const from = place(operation.from).at;
        const offset = sparseNames.length;
        for (const name of operation.names) sparseNames.push(name);
        pending.push(() => {
          const { texts } = registers;
          return (_, sparse) =>
            vectorise(texts[from] as string | null, (index, value) => sparse.add(offset + index, value));
        });
        return;
      }
      default:
        operation satisfies never;
    }
  };

  const finish = (): { instructions: readonly Instruction[]; registers: Registers; outputs: Outputs } => {
    registers.numbers = new Float64Array(sizes.numbers);
    registers.codes = new Int32Array(sizes.codes);
    const of = (kind: WorkingKind) =>
      [...made].flatMap(([name, at]) => (at.kind === kind ? [{ name, at: at.at }] : []));
    return {
      instructions: pending.map((build) => build()),
      registers,
      outputs: {
        dense: of('number'),
        codes: of('codes').map((column) => ({ ...column, levels: codeLevels.get(column.name) ?? [] })),
        sparse: sparseNames,
      },
    };
  };

  return { add, finish };
}

function readInput({
  name,
  place,
  registers,
}: {
  name: string;
  place: Place;
  registers: Registers;
}): Instruction {
  const { numbers, texts } = registers;
  const { at } = place;
  switch (place.kind) {
    case 'number':
      return (instance) => {
        numbers[at] = readNumber(instance[name]);
      };
    case 'timestamp':
      return (instance) => {
        numbers[at] = readTimestamp(instance[name]);
      };
    default:
      return (instance) => {
        texts[at] = readText(instance[name]);
      };
  }
}

const isNumeric = ({ kind }: Place) => kind === 'number' || kind === 'timestamp';

function equal(options: { left: Place; right: Place; to: number; registers: Registers }): Instruction {
  const { left, right, to } = options;
  const { numbers, texts } = options.registers;
  if (isNumeric(left)) {
    return () => {
      const one = numbers[left.at] as number;
      const two = numbers[right.at] as number;
      numbers[to] = Number.isNaN(one) || Number.isNaN(two) ? Number.NaN : one === two ? 1 : 0;
    };
  }
  return () => {
    const one = texts[left.at] as string | null;
    const two = texts[right.at] as string | null;
    numbers[to] = one === null || two === null ? Number.NaN : one === two ? 1 : 0;
  };
}

function missing(options: { from: Place; to: number; registers: Registers }): Instruction {
  const { from, to } = options;
  const { numbers, texts } = options.registers;
  if (isNumeric(from)) {
    return () => {
      numbers[to] = Number.isNaN(numbers[from.at]) ? 1 : 0;
    };
  }
  return () => {
    numbers[to] = texts[from.at] === null ? 1 : 0;
  };
}
