import { maxPages } from './assembler.ts';

const pageBytes = 65_536;
const alignment = 64;

/** Where a grower takes its arrays from. */
export type Arrays = {
  bytes(length: number): Uint8Array;
  words(length: number): Uint16Array;
  integers(length: number): Int32Array;
  doubles(length: number): Float64Array;
};

/** Arrays that threads and kernels share: the `byteOffset` of each is its address for a kernel. */
export type SharedMemory = Arrays & { memory: WebAssembly.Memory };

export const plainArrays: Arrays = {
  bytes: (length) => new Uint8Array(length),
  words: (length) => new Uint16Array(length),
  integers: (length) => new Int32Array(length),
  doubles: (length) => new Float64Array(length),
};

/** Bytes that `SharedMemory` takes for an array. */
export const roomFor = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/** Null where there is no WebAssembly or no room for so much. */
export function createSharedMemory(bytes: number): SharedMemory | null {
  const pages = Math.ceil(bytes / pageBytes);
  if (typeof WebAssembly !== 'object' || pages > maxPages) return null;
  try {
    return allocateFrom(new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function allocateFrom(memory: WebAssembly.Memory): SharedMemory {
  const { buffer } = memory;
  let next = 0;
  const take = (bytes: number): number => {
    const at = next;
    next += roomFor(bytes);
    return at;
  };
  return {
    memory,
    bytes: (length) => new Uint8Array(buffer, take(length), length),
    words: (length) => new Uint16Array(buffer, take(length * 2), length),
    integers: (length) => new Int32Array(buffer, take(length * 4), length),
    doubles: (length) => new Float64Array(buffer, take(length * 8), length),
  };
}
