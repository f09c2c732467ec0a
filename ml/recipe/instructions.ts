import { type Instance, readNumber, readText, readTimestamp } from './instances.ts';
import { crossLevels, joinTexts, type Operation, type Vectorise, type WorkingKind } from './operation.ts';
import type { SparseRows } from './sparse-rows.ts';

/** The values of one row under way: numbers and timestamps, categories and texts, codes that are outputs. */
export type Registers = { numbers: Float64Array; texts: (string | null)[]; codes: Int32Array };

/** Where a column stands in the registers of its kind. */
export type Place = { kind: WorkingKind; at: number };

/** One step of one row. All that does not change from row to row is bound when it is built. */
export type Instruction = (instance: Instance, sparse: SparseRows) => void;

export function readInput(
  { numbers, texts }: Registers,
  { name, to }: { name: string; to: Place },
): Instruction {
  const { at } = to;
  switch (to.kind) {
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

type Apply<K extends Operation['op']> = Extract<Operation, { op: K; apply: unknown }>['apply'];

export function unary(
  { numbers }: Registers,
  { from, to, apply }: { from: number; to: number; apply: Apply<'unary'> },
): Instruction {
  return () => {
    numbers[to] = apply(numbers[from] as number);
  };
}

export function binary(
  { numbers }: Registers,
  options: { left: number; right: number; to: number; apply: Apply<'binary'> },
): Instruction {
  const { left, right, to, apply } = options;
  return () => {
    numbers[to] = apply(numbers[left] as number, numbers[right] as number);
  };
}

export function category(
  { numbers, texts }: Registers,
  { from, to, apply }: { from: number; to: number; apply: Apply<'category'> },
): Instruction {
  return () => {
    numbers[to] = apply(texts[from] as string | null);
  };
}

const isNumeric = ({ kind }: Place) => kind === 'number' || kind === 'timestamp';

export function equal(
  { numbers, texts }: Registers,
  { left, right, to }: { left: Place; right: Place; to: number },
): Instruction {
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

export function cross(
  { texts }: Registers,
  { left, right, to }: { left: number; right: number; to: number },
): Instruction {
  return () => {
    texts[to] = crossLevels(texts[left] as string | null, texts[right] as string | null);
  };
}

export function join(
  { texts }: Registers,
  { from, to, glue }: { from: readonly number[]; to: number; glue: string },
): Instruction {
  return () => {
    texts[to] = joinTexts(
      from.map((at) => texts[at] ?? null),
      glue,
    );
  };
}

export function missing(
  { numbers, texts }: Registers,
  { from, to }: { from: Place; to: number },
): Instruction {
  if (isNumeric(from)) {
    return () => {
      numbers[to] = Number.isNaN(numbers[from.at]) ? 1 : 0;
    };
  }
  return () => {
    numbers[to] = texts[from.at] === null ? 1 : 0;
  };
}

export function scale(
  { numbers }: Registers,
  options: { from: number; to: number; centre: number; width: number },
): Instruction {
  const { from, to, centre, width } = options;
  return () => {
    numbers[to] = ((numbers[from] as number) - centre) / width;
  };
}

export function fillNumber(
  { numbers }: Registers,
  { from, to, value }: { from: number; to: number; value: number },
): Instruction {
  return () => {
    const seen = numbers[from] as number;
    numbers[to] = Number.isNaN(seen) ? value : seen;
  };
}

export function fillLevel(
  { texts }: Registers,
  { from, to, value }: { from: number; to: number; value: string },
): Instruction {
  return () => {
    texts[to] = texts[from] ?? value;
  };
}

/** `first` is the place of the first of the numbers that stand for the levels. */
export function expand(
  { numbers, texts }: Registers,
  options: { from: number; first: number; slotOf: (value: string | null) => number },
): Instruction {
  const { from, first, slotOf } = options;
  // The place set by the row before, so that not all of them need clearing.
  let set = first;
  return () => {
    numbers[set] = 0;
    const slot = slotOf(texts[from] as string | null);
    if (slot < 0) return;
    set = first + slot;
    numbers[set] = 1;
  };
}

export function codes(
  registers: Registers,
  { from, to, levels }: { from: number; to: number; levels: readonly string[] },
): Instruction {
  const { texts } = registers;
  const codeOf = new Map(levels.map((level, code) => [level, code]));
  return () => {
    const value = texts[from] as string | null;
    registers.codes[to] = value === null ? -1 : (codeOf.get(value) ?? -1);
  };
}

/** `offset` is the column of the sparse block at which the entries of this text begin. */
export function sparse(
  { texts }: Registers,
  { from, offset, vectorise }: { from: number; offset: number; vectorise: Vectorise },
): Instruction {
  return (_, rows) =>
    vectorise(texts[from] as string | null, (index, value) => rows.add(offset + index, value));
}
