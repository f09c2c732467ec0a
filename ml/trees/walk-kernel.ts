import {
  assembleModule,
  type Code,
  type FunctionSource,
  f64,
  get,
  i32,
  loopWhile,
  set,
  tee,
} from './assembler.ts';

/** An address in bytes. */
type Pointer = number;

/**
 * Adds the trees' values to the sums of rows, tree by tree.
 *
 * A row is doubles: numbers, NaN where missing, then codes, `missingCode` where missing. `trees` are pairs of words:
 * the address of the root and the number of steps after which every row stands at a leaf.
 */
export type Walk = (
  rows: Pointer,
  rowsEnd: Pointer,
  rowBytes: number,
  trees: Pointer,
  treesEnd: Pointer,
  sums: Pointer,
) => void;

/** Rows that walk side by side, so that one may wait for its node while the others go on. */
export const rowsAbreast = 8;

/** Bytes of a node, of which the first eight are its threshold, infinite at leaves and for codes. */
export const nodeBytes = 32;
/** Where in a node its other parts are. */
export const nodeAt = {
  /** Offset of the column within a row, in bytes. */
  column: 8,
  /** Address of the left child; the right one follows it. A leaf is its own. */
  left: 12,
  /** Address of the codes that go right, a bit each; `emptySet` of a node that reads a number. */
  rightCodes: 16,
  /** 1 if missing numbers go right. */
  missingRight: 20,
  /** Of a leaf: what it adds. */
  value: 24,
} as const;

export const missingCode = 256;
/** A set has a bit for every code and for `missingCode`; any number's word is found within the empty one. */
export const setBytes = 64;

let compiled: WebAssembly.Module | null | undefined;

/** Null where the engine that runs this lacks WebAssembly or its shared memories; assembled once a thread. */
export function createWalk(memory: WebAssembly.Memory): Walk | null {
  if (compiled === undefined) {
    const bytes = assembleModule([walk()]);
    compiled = WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
  }
  if (compiled === null) return null;
  const { exports } = new WebAssembly.Instance(compiled, { tree: { memory } });
  return (exports as { walk: Walk }).walk;
}

const advance = (local: number, bytes: Code): Code => set(local, i32.add(get(local), bytes));

/**
 * No step branches: which way a row goes is as good as random to the processor, and a wrong guess costs more than
 * the steps of a row that waits at its leaf for the others.
 */
function walk(): FunctionSource {
  const [row, rowsEnd, rowBytes, trees, treesEnd, sum] = [0, 1, 2, 3, 4, 5] as const;
  const [tree, steps, code] = [6, 7, 8] as const;
  const lanes = Array.from({ length: rowsAbreast }, (_, lane) => ({
    sum: lane * 8,
    row: 9 + lane,
    node: 9 + rowsAbreast + lane,
    value: 9 + 2 * rowsAbreast + lane,
  }));
  const local = (type: 'i32' | 'f64') => lanes.map(() => type);
  return {
    name: 'walk',
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    result: null,
    locals: ['i32', 'i32', 'i32', ...local('i32'), ...local('i32'), ...local('f64')],
    body: loopWhile(
      i32.lt(get(row), get(rowsEnd)),
      ...lanes.flatMap((lane) => [set(lane.row, get(row)), advance(row, get(rowBytes))]),
      set(tree, get(trees)),
      loopWhile(
        i32.lt(get(tree), get(treesEnd)),
        ...lanes.map(({ node }) => set(node, i32.load({ at: get(tree) }))),
        set(steps, i32.load({ at: get(tree), offset: 4 })),
        loopWhile(
          get(steps),
          ...lanes.map((lane) => step(lane, code)),
          set(steps, i32.sub(get(steps), i32.const(1))),
        ),
        ...lanes.map((lane) =>
          f64.store(
            { at: get(sum), offset: lane.sum },
            f64.add(
              f64.load({ at: get(sum), offset: lane.sum }),
              f64.load({ at: get(lane.node), offset: nodeAt.value }),
            ),
          ),
        ),
        advance(tree, i32.const(8)),
      ),
      advance(sum, i32.const(8 * rowsAbreast)),
    ),
  };
}

/** One step of one row: to the left child, or to the right one, which is `nodeBytes` further. */
function step({ row, node, value }: { row: number; node: number; value: number }, code: number): Code {
  const read = (offset: number) => i32.load({ at: get(node), offset });
  const isAbove = f64.less(f64.load({ at: get(node) }), get(value));
  const isMissingRight = i32.and(f64.notEqual(get(value), get(value)), read(nodeAt.missingRight));
  // Word code / 32 of the set, bit code % 32; a shift takes the low five bits by itself.
  const wordOffset = i32.and(
    i32.shiftUnsigned(tee(code, i32.fromF64(get(value))), i32.const(3)),
    i32.const(setBytes - 4),
  );
  const word = i32.load({ at: i32.add(read(nodeAt.rightCodes), wordOffset) });
  const isInSet = i32.and(i32.shiftUnsigned(word, get(code)), i32.const(1));
  const goesRight = i32.or(i32.or(isAbove, isMissingRight), isInSet);
  return [
    ...set(value, f64.load({ at: i32.add(get(row), read(nodeAt.column)) })),
    ...set(node, i32.add(read(nodeAt.left), i32.shl(goesRight, i32.const(Math.log2(nodeBytes))))),
  ];
}
