import type { Instruction, Place, Registers } from './instructions.ts';
import * as build from './instructions.ts';
import type { Operation, WorkingKind } from './operation.ts';
import { RecipeError } from './scope.ts';
import type { InputColumn } from './spec.ts';

/** What a compiled recipe leaves in the registers, in the order of its blocks. */
export type Outputs = {
  dense: readonly { name: string; at: number }[];
  codes: readonly { name: string; at: number; levels: readonly string[] }[];
  sparse: readonly string[];
};

export type Program = {
  add(operation: Operation): void;
  finish(): { instructions: readonly Instruction[]; registers: Registers; outputs: Outputs };
};

/**
 * Resolves names to places in flat arrays. Every result has a place of its own, none is written twice, so a `copy`
 * may share the place of its source.
 */
export function createProgram(inputColumns: readonly InputColumn[]): Program {
  const texts: (string | null)[] = [];
  const sizes = { numbers: 0, codes: 0 };
  /** Built once all places are claimed: typed arrays do not grow. */
  const pending: ((registers: Registers) => Instruction)[] = [];
  const inputs = new Map<string, Place>();
  const made = new Map<string, Place>();
  const codeLevels = new Map<string, readonly string[]>();
  const sparseNames: string[] = [];

  const claim = (kind: WorkingKind): Place => {
    if (kind === 'number' || kind === 'timestamp') return { kind, at: sizes.numbers++ };
    if (kind === 'codes') return { kind, at: sizes.codes++ };
    return { kind, at: texts.push(null) - 1 };
  };
  const place = (name: string): Place => {
    const found = made.get(name) ?? inputs.get(name);
    if (found === undefined) throw new RecipeError([`column '${name}' is not there`]);
    return found;
  };
  const result = (name: string, kind: WorkingKind = 'number'): number => {
    const claimed = claim(kind);
    made.set(name, claimed);
    return claimed.at;
  };

  for (const { name, kind } of inputColumns) {
    const to = claim(kind);
    inputs.set(name, to);
    pending.push((registers) => build.readInput(registers, { name, to }));
  }

  const add = (operation: Operation): void => {
    switch (operation.op) {
      case 'copy':
        made.set(operation.as, place(operation.from));
        return;
      case 'keep': {
        const kept = operation.columns.map((name) => [name, place(name)] as const);
        made.clear();
        inputs.clear();
        for (const [name, at] of kept) made.set(name, at);
        return;
      }
      case 'drop':
        for (const name of operation.columns) made.delete(name);
        return;
      case 'unary': {
        const from = place(operation.from).at;
        const step = { from, to: result(operation.as), apply: operation.apply };
        pending.push((registers) => build.unary(registers, step));
        return;
      }
      case 'binary': {
        const sides = { left: place(operation.left).at, right: place(operation.right).at };
        const step = { ...sides, to: result(operation.as), apply: operation.apply };
        pending.push((registers) => build.binary(registers, step));
        return;
      }
      case 'equal': {
        const sides = { left: place(operation.left), right: place(operation.right) };
        const step = { ...sides, to: result(operation.as) };
        pending.push((registers) => build.equal(registers, step));
        return;
      }
      case 'cross': {
        const sides = { left: place(operation.left).at, right: place(operation.right).at };
        const step = { ...sides, to: result(operation.as, 'category') };
        pending.push((registers) => build.cross(registers, step));
        return;
      }
      case 'join': {
        const from = operation.from.map((name) => place(name).at);
        const step = { from, to: result(operation.as, 'text'), glue: operation.glue };
        pending.push((registers) => build.join(registers, step));
        return;
      }
      case 'missing': {
        const from = place(operation.from);
        const step = { from, to: result(operation.as) };
        pending.push((registers) => build.missing(registers, step));
        return;
      }
      case 'category':
      case 'lookup': {
        const from = place(operation.from).at;
        const step = { from, to: result(operation.as), apply: operation.apply };
        pending.push((registers) => build.category(registers, step));
        return;
      }
      case 'scale': {
        const { centre, width } = operation;
        const step = { from: place(operation.column).at, to: result(operation.column), centre, width };
        pending.push((registers) => build.scale(registers, step));
        return;
      }
      case 'fill': {
        const { value } = operation;
        const from = place(operation.column).at;
        if (typeof value === 'number') {
          const step = { from, to: result(operation.column), value };
          pending.push((registers) => build.fillNumber(registers, step));
        } else {
          const step = { from, to: result(operation.column, 'category'), value };
          pending.push((registers) => build.fillLevel(registers, step));
        }
        return;
      }
      case 'expand': {
        const from = place(operation.from).at;
        made.delete(operation.from);
        const step = { from, first: sizes.numbers, slotOf: operation.slotOf };
        for (const name of operation.names) result(name);
        pending.push((registers) => build.expand(registers, step));
        return;
      }
      case 'codes': {
        const { levels } = operation;
        const from = place(operation.from).at;
        // Taken out first: an output stands where it was made.
        made.delete(operation.from);
        const step = { from, to: result(operation.from, 'codes'), levels };
        codeLevels.set(operation.from, levels);
        pending.push((registers) => build.codes(registers, step));
        return;
      }
      case 'sparse': {
        const from = place(operation.from).at;
        const step = { from, offset: sparseNames.length, vectorise: operation.vectorise };
        for (const name of operation.names) sparseNames.push(name);
        pending.push((registers) => build.sparse(registers, step));
        return;
      }
      default:
        operation satisfies never;
    }
  };

  return {
    add,
    finish() {
      const registers = {
        numbers: new Float64Array(sizes.numbers),
        texts,
        codes: new Int32Array(sizes.codes),
      };
      const ofKind = (kind: WorkingKind) =>
        [...made].flatMap(([name, at]) => (at.kind === kind ? [{ name, at: at.at }] : []));
      return {
        instructions: pending.map((instruction) => instruction(registers)),
        registers,
        outputs: {
          dense: ofKind('number'),
          codes: ofKind('codes').map((column) => ({ ...column, levels: codeLevels.get(column.name) ?? [] })),
          sparse: sparseNames,
        },
      };
    },
  };
}
