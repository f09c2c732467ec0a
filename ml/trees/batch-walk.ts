import type { Blocks } from '../blocks.ts';
import { createSharedMemory, roomFor } from './memory.ts';
import type { Forest } from './predictor.ts';
import { categoryWords } from './splitting.ts';
import { createWalk, missingCode, nodeAt, nodeBytes, rowsAbreast, setBytes } from './walk-kernel.ts';

/** Below, copying the rows costs more than walking them one by one. */
export const batchRows = 64;

/** Rows that are copied and walked at a time, a multiple of `rowsAbreast`: they stay in the processor's cache. */
const rowsAtOnce = 512;

/** What `addForest` does, to the bit, for many rows at a time. */
export type BatchWalk = (blocks: Blocks, into: Float64Array) => void;

/**
 * Lays a forest out for the walk in WebAssembly.
 *
 * @param widths columns of the blocks
 * @returns null where the engine cannot run it
 */
export function createBatchWalk(forest: Forest, widths: { dense: number; codes: number }): BatchWalk | null {
  const nodes = forest.tests.length;
  const trees = forest.roots.length;
  const sets = 1 + forest.tests.reduce((count, test) => count + (isCategorical(test) ? 1 : 0), 0);
  const width = widths.dense + widths.codes;
  const parts = [nodes * nodeBytes, sets * setBytes, trees * 8, rowsAtOnce * width * 8, rowsAtOnce * 8];
  const memory = createSharedMemory(parts.reduce((sum, bytes) => sum + roomFor(bytes), 0));
  const walk = memory === null ? null : createWalk(memory.memory);
  if (memory === null || walk === null) return null;

  const { byteOffset: nodesAt, byteLength } = memory.bytes(nodes * nodeBytes);
  const codeSets = memory.integers((sets * setBytes) / 4);
  const roots = memory.integers(trees * 2);
  const rows = memory.doubles(rowsAtOnce * width);
  const sums = memory.doubles(rowsAtOnce);
  writeNodes(forest, new DataView(memory.memory.buffer, nodesAt, byteLength), codeSets);
  forest.roots.forEach((root, tree) => {
    roots[tree * 2] = nodesAt + root * nodeBytes;
    roots[tree * 2 + 1] = depthBelow(forest, root);
  });

  return (blocks, into) => {
    for (let from = 0; from < blocks.rows; from += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, blocks.rows - from);
      copyRows(blocks, { from, count, to: rows });
      sums.set(into.subarray(from, from + count));
      // Lanes without a row walk with what an earlier one left; nobody reads their sums.
      const walked = Math.ceil(count / rowsAbreast) * rowsAbreast;
      walk(
        rows.byteOffset,
        rows.byteOffset + walked * width * 8,
        width * 8,
        roots.byteOffset,
        roots.byteOffset + roots.byteLength,
        sums.byteOffset,
      );
      into.set(sums.subarray(0, count), from);
    }
  };
}

function copyRows(
  { dense, codes }: Blocks,
  { from, count, to }: { from: number; count: number; to: Float64Array },
): void {
  const denseWidth = dense.names.length;
  const codesWidth = codes.names.length;
  if (codesWidth === 0) {
    to.set(dense.values.subarray(from * denseWidth, (from + count) * denseWidth));
    return;
  }
  let at = 0;
  for (let row = from; row < from + count; row++) {
    for (let i = row * denseWidth; i < (row + 1) * denseWidth; i++) to[at++] = dense.values[i] as number;
    for (let i = row * codesWidth; i < (row + 1) * codesWidth; i++) {
      const code = codes.values[i] as number;
      to[at++] = code < 0 ? missingCode : code;
    }
  }
}

const isCategorical = (test: number): boolean => test !== -1 && (test & 2) !== 0;

/** `codeSets` begins with the empty one. */
function writeNodes(
  { tests, thresholds, lefts, levelSets }: Forest,
  to: DataView,
  codeSets: Int32Array,
): void {
  let setsUsed = 1;
  for (let node = 0, at = 0; node < tests.length; node++, at += nodeBytes) {
    const test = tests[node] as number;
    const threshold = thresholds[node] as number;
    const readsNumber = test !== -1 && !isCategorical(test);
    const isMissingRight = (test & 1) === 0;
    const left = test === -1 ? node : (lefts[node] as number);
    let set = 0;
    if (isCategorical(test)) {
      set = setsUsed++;
      const words = codeSets.subarray((set * setBytes) / 4);
      for (let word = 0; word < categoryWords; word++) {
        words[word] = ~(levelSets[threshold * categoryWords + word] as number);
      }
      words[missingCode / 32] = isMissingRight ? 1 : 0;
    }
    to.setFloat64(at, readsNumber ? threshold : Number.POSITIVE_INFINITY, true);
    to.setInt32(at + nodeAt.column, test === -1 ? 0 : (test >> 2) * 8, true);
    to.setInt32(at + nodeAt.left, to.byteOffset + left * nodeBytes, true);
    to.setInt32(at + nodeAt.rightCodes, codeSets.byteOffset + set * setBytes, true);
    to.setInt32(at + nodeAt.missingRight, readsNumber && isMissingRight ? 1 : 0, true);
    to.setFloat64(at + nodeAt.value, test === -1 ? threshold : 0, true);
  }
}

function depthBelow({ tests, lefts }: Forest, root: number): number {
  let depth = 0;
  const open = [{ node: root, steps: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    depth = Math.max(depth, next.steps);
    if (tests[next.node] === -1) continue;
    const left = lefts[next.node] as number;
    open.push({ node: left, steps: next.steps + 1 }, { node: left + 1, steps: next.steps + 1 });
  }
  return depth;
}
