import {
  assembleModule,
  type Code,
  type FunctionSource,
  f64,
  get,
  i32,
  loopWhile,
  set,
} from './assembler.ts';

/** An address in bytes. */
type Pointer = number;

/**
 * Adds the trees' values to the sums of rows, tree by tree.
 *
 * Rows stand in groups of `rowsAbreast`, a group column by column, a column as a double a row. Missing numbers are
 * infinite, and each column of numbers stands twice: once they go left, once right. A code is the low word of its
 * double. `trees` are the addresses of the roots.
 */
export type Walk = (
  rows: Pointer,
  rowsEnd: Pointer,
  groupBytes: number,
  trees: Pointer,
  treesEnd: Pointer,
  sums: Pointer,
) => void;

export type WalkKernel = {
  /** For forests that read numbers only: the other one takes twice the instructions. */
  walkNumbers: Walk;
  walkNumbersAndCodes: Walk;
};

/** Rows that walk side by side, so that one may wait for its node while the others go on. */
export const rowsAbreast = 8;

/** Of all lanes before it is asked whether one is still on its way. */
const stepsAtOnce = 4;

/** Bytes of a node, of which the first eight are its threshold: infinite at leaves and for codes. */
export const nodeBytes = 32;
/** Where in a node its other parts are. */
export const nodeAt = {
  /** Offset of the column within a group, in bytes. */
  column: 8,
  /** Address of the left child; the right one follows it. A leaf is its own. */
  left: 12,
  /** Address of the codes that go right, a bit each; the empty set at a node that reads a number. */
  rightCodes: 16,
  /** Of a leaf: what it adds. */
  value: 24,
} as const;

export const missingCode = 256;
/** A set has a bit for every code and for `missingCode`; any number's low word names one within the empty set. */
export const setBytes = 64;

let compiled: WebAssembly.Module | null | undefined;

/** Null where the engine that runs this lacks WebAssembly or its shared memories; assembled once a thread. */
export function createWalkKernel(memory: WebAssembly.Memory): WalkKernel | null {
  if (compiled === undefined) {
    const bytes = assembleModule([walk('walkNumbers', false), walk('walkNumbersAndCodes', true)]);
    compiled = WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
  }
  if (compiled === null) return null;
  return new WebAssembly.Instance(compiled, { tree: { memory } }).exports as WalkKernel;
}

const advance = (local: number, bytes: Code): Code => set(local, i32.add(get(local), bytes));

/**
 * No step branches: which way a row goes is as good as random to the processor, and a wrong guess costs more than
 * the steps of a row that waits at its leaf for the others.
 */
function walk(name: string, readsCodes: boolean): FunctionSource {
  const [group, rowsEnd, groupBytes, trees, treesEnd, sum] = [0, 1, 2, 3, 4, 5] as const;
  const [tree, column] = [6, 7] as const;
  const lanes = Array.from({ length: rowsAbreast }, (_, lane) => ({ offset: lane * 8, node: 8 + lane }));
  // A leaf is its own left child.
  const isUnderWay = lanes
    .map(({ node }) => i32.sub(i32.load({ at: get(node), offset: nodeAt.left }), get(node)))
    .reduce((some, other) => i32.or(some, other));
  return {
    name,
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    result: null,
    locals: ['i32', 'i32', ...lanes.map(() => 'i32' as const)],
    body: loopWhile(
      i32.lt(get(group), get(rowsEnd)),
      set(tree, get(trees)),
      loopWhile(
        i32.lt(get(tree), get(treesEnd)),
        ...lanes.map(({ node }) => set(node, i32.load({ at: get(tree) }))),
        loopWhile(
          isUnderWay,
          ...Array.from({ length: stepsAtOnce }, () =>
            lanes.flatMap((lane) => step({ ...lane, group, column, readsCodes })),
          ),
        ),
        ...lanes.map(({ offset, node }) =>
          f64.store(
            { at: get(sum), offset },
            f64.add(f64.load({ at: get(sum), offset }), f64.load({ at: get(node), offset: nodeAt.value })),
          ),
        ),
        advance(tree, i32.const(4)),
      ),
      advance(sum, i32.const(8 * rowsAbreast)),
      advance(group, get(groupBytes)),
    ),
  };
}

/** One step of one row: to the left child, or to the right one, which is `nodeBytes` further. */
function step(lane: {
  group: number;
  offset: number;
  node: number;
  column: number;
  readsCodes: boolean;
}): Code {
  const { group, offset, node, column } = lane;
  const read = (at: number) => i32.load({ at: get(node), offset: at });
  const value = f64.load({ at: get(column), offset });
  const isAbove = f64.less(f64.load({ at: get(node) }), value);
  return [
    ...set(column, i32.add(get(group), read(nodeAt.column))),
    ...set(
      node,
      i32.add(
        read(nodeAt.left),
        i32.shl(
          lane.readsCodes ? i32.or(isAbove, isInSet(read(nodeAt.rightCodes), { column, offset })) : isAbove,
          i32.const(Math.log2(nodeBytes)),
        ),
      ),
    ),
  ];
}

/** 1 if the code is in the set: bit code % 32 of word code / 32. */
function isInSet(codes: Code, { column, offset }: { column: number; offset: number }): Code {
  const code = i32.load({ at: get(column), offset });
  const wordOffset = i32.and(i32.shiftUnsigned(code, i32.const(3)), i32.const(setBytes - 4));
  // A shift takes the low five bits by itself.
  return i32.and(i32.shiftUnsigned(i32.load({ at: i32.add(codes, wordOffset) }), code), i32.const(1));
}
