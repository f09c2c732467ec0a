import type { Blocks } from '../blocks.ts';
import { createSharedMemory, roomFor } from './memory.ts';
import { addForest, type Forest } from './predictor.ts';
import { categoryWords } from './splitting.ts';
import { createWalkKernel, missingCode, nodeAt, nodeBytes, rowsAbreast, setBytes } from './walk-kernel.ts';

/** Below, copying the rows costs more than walking them one by one. */
export const batchRows = 64;

/** Rows that are copied and walked at a time, a multiple of `rowsAbreast`: they stay in the processor's cache. */
const rowsAtOnce = 256;

/** With it a code's double is an ordinary number; processors compare subnormal ones slowly. */
const highWordOfOne = 0x3ff00000;

/** What `addForest` does, to the bit, for many rows at a time. */
export type BatchWalk = (blocks: Blocks, into: Float64Array) => void;

type Widths = { dense: number; codes: number };

/** Columns of numbers stand twice: see `Walk`. */
const columnsOf = ({ dense, codes }: Widths): number => 2 * dense + codes;

/**
 * Lays a forest out for the walk in WebAssembly.
 *
 * @param widths columns of the blocks
 * @returns null where the engine cannot run it
 */
export function createBatchWalk(forest: Forest, widths: Widths): BatchWalk | null {
  const nodes = forest.tests.length;
  const trees = forest.roots.length;
  const sets = 1 + forest.tests.reduce((count, test) => count + (isCategorical(test) ? 1 : 0), 0);
  const columns = columnsOf(widths);
  const parts = [nodes * nodeBytes, sets * setBytes, trees * 4, rowsAtOnce * columns * 8, rowsAtOnce * 8];
  const memory = createSharedMemory(parts.reduce((sum, bytes) => sum + roomFor(bytes), 0));
  const kernel = memory === null ? null : createWalkKernel(memory.memory);
  if (memory === null || kernel === null) return null;

  const { byteOffset: nodesAt, byteLength } = memory.bytes(nodes * nodeBytes);
  const codeSets = memory.integers((sets * setBytes) / 4);
  const roots = memory.integers(trees);
  const rows = memory.doubles(rowsAtOnce * columns);
  const sums = memory.doubles(rowsAtOnce);
  writeNodes(forest, widths, { nodes: new DataView(memory.memory.buffer, nodesAt, byteLength), codeSets });
  roots.set(forest.roots.map((root) => nodesAt + root * nodeBytes));
  const walk = sets > 1 ? kernel.walkNumbersAndCodes : kernel.walkNumbers;
  const groupBytes = columns * rowsAbreast * 8;
  const words = new Int32Array(rows.buffer, rows.byteOffset, rows.length * 2);

  return (blocks, into) => {
    for (let from = 0; from < blocks.rows; from += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, blocks.rows - from);
      if (!copyRows(blocks, { from, count }, { rows, words })) {
        addForest(forest, blocks, into, { from, to: from + count });
        continue;
      }
      sums.set(into.subarray(from, from + count));
      // Lanes without a row walk with what an earlier one left; nobody reads their sums.
      const groups = Math.ceil(count / rowsAbreast);
      walk(
        rows.byteOffset,
        rows.byteOffset + groups * groupBytes,
        groupBytes,
        roots.byteOffset,
        roots.byteOffset + roots.byteLength,
        sums.byteOffset,
      );
      into.set(sums.subarray(0, count), from);
    }
  };
}

/** @returns false where a number is infinite, which here stands for a missing one */
function copyRows(
  { dense, codes }: Blocks,
  { from, count }: { from: number; count: number },
  to: { rows: Float64Array; words: Int32Array },
): boolean {
  const { rows, words } = to;
  const denseWidth = dense.names.length;
  const codesWidth = codes.names.length;
  const group = columnsOf({ dense: denseWidth, codes: codesWidth }) * rowsAbreast;
  let infinite = 0;
  for (let i = 0; i < count; i++) {
    const lane = i % rowsAbreast;
    let at = ((i - lane) / rowsAbreast) * group + lane;
    const denseEnd = (from + i + 1) * denseWidth;
    for (let cell = denseEnd - denseWidth; cell < denseEnd; cell++, at += 2 * rowsAbreast) {
      const value = dense.values[cell] as number;
      const isMissing = Number.isNaN(value);
      if (value - value !== 0 && !isMissing) infinite++;
      rows[at] = isMissing ? Number.NEGATIVE_INFINITY : value;
      rows[at + rowsAbreast] = isMissing ? Number.POSITIVE_INFINITY : value;
    }
    const codesEnd = (from + i + 1) * codesWidth;
    for (let cell = codesEnd - codesWidth; cell < codesEnd; cell++, at += rowsAbreast) {
      const code = codes.values[cell] as number;
      words[at * 2] = code < 0 ? missingCode : code;
      words[at * 2 + 1] = highWordOfOne;
    }
  }
  return infinite === 0;
}

const isCategorical = (test: number): boolean => test !== -1 && (test & 2) !== 0;

/** `codeSets` begins with the empty one. */
function writeNodes(
  { tests, thresholds, lefts, levelSets }: Forest,
  { dense }: Widths,
  { nodes, codeSets }: { nodes: DataView; codeSets: Int32Array },
): void {
  let setsUsed = 1;
  for (let node = 0, at = 0; node < tests.length; node++, at += nodeBytes) {
    const test = tests[node] as number;
    const given = thresholds[node] as number;
    const isLeaf = test === -1;
    const missingRight = (test & 1) === 0 ? 1 : 0;
    const column = test >> 2;
    // A cut behind all values divides them from the missing ones, which are infinite here.
    let threshold = isLeaf ? Number.POSITIVE_INFINITY : Math.min(given, Number.MAX_VALUE);
    let place = column * 2 + missingRight;
    let set = 0;
    if (isCategorical(test)) {
      threshold = Number.POSITIVE_INFINITY;
      place = dense + column;
      set = setsUsed++;
      const words = codeSets.subarray((set * setBytes) / 4);
      for (let word = 0; word < categoryWords; word++) {
        words[word] = ~(levelSets[given * categoryWords + word] as number);
      }
      words[missingCode / 32] = missingRight;
    }
    nodes.setFloat64(at, threshold, true);
    nodes.setInt32(at + nodeAt.column, isLeaf ? 0 : place * rowsAbreast * 8, true);
    nodes.setInt32(
      at + nodeAt.left,
      nodes.byteOffset + (isLeaf ? node : (lefts[node] as number)) * nodeBytes,
      true,
    );
    nodes.setInt32(at + nodeAt.rightCodes, codeSets.byteOffset + set * setBytes, true);
    nodes.setFloat64(at + nodeAt.value, isLeaf ? given : 0, true);
  }
}
