/**
 * The one generator of `ml`: xoshiro128** (Blackman and Vigna, https://prng.di.unimi.it), seeded through
 * SplitMix32, so that a run repeats to the bit on any machine. Never for secrets.
 */
export type Random = {
  /** Uniform over 0 … 2³² − 1. */
  uint32(): number;
  /** Uniform over [0, 1) with 53 random bits. */
  uniform(): number;
  /** Uniform over 0 … `bound` − 1, without modulo bias; `bound` is at least 1 and below 2³². */
  below(bound: number): number;
};

export function createRandom(seed: number): Random {
  const next = splitMix32(mixSeed(seed));
  let a = next();
  let b = next();
  let c = next();
  let d = next();

  const uint32 = (): number => {
    const scrambled = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return scrambled;
  };

  return {
    uint32,
    uniform: () => ((uint32() >>> 5) * 0x4000000 + (uint32() >>> 6)) / 0x20000000000000,
    below(bound) {
      // Draws from the incomplete last run of `bound` values are thrown away, or low values would come more often.
      const limit = 0x100000000 - (0x100000000 % bound);
      let drawn = uint32();
      while (drawn >= limit) drawn = uint32();
      return drawn % bound;
    },
  };
}

/** A seed of its own for each named part of a job: parts stay independent of the order in which they run. */
export function deriveSeed(seed: number, label: string): number {
  return hash32(label, mixSeed(seed));
}

/** Fisher and Yates, in place; returns its argument. */
export function shuffle<A extends Int32Array | unknown[]>(values: A, random: Random): A {
  for (let i = values.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = values[i];
    values[i] = values[j];
    values[j] = kept;
  }
  return values;
}

/** `count` different indices out of 0 … `from` − 1, ascending. `count` is at most `from`. */
export function sampleIndices({ from, count }: { from: number; count: number }, random: Random): Int32Array {
  const sample = new Int32Array(count);
  let taken = 0;
  // Knuth's algorithm S keeps the order, which keeps later passes over the rows sequential in memory.
  for (let i = 0; taken < count; i++) {
    if (random.uniform() * (from - i) < count - taken) sample[taken++] = i;
  }
  return sample;
}

/** MurmurHash3 (x86, 32 bits) of the UTF-8 form of a text: even over its range, and not for secrets. */
export function hash32(text: string, seed = 0): number {
  const bytes = new TextEncoder().encode(text);
  const blocks = bytes.length >>> 2;
  let hash = seed | 0;
  for (let i = 0; i < blocks; i++) {
    hash ^= scramble(wordAt(bytes, i * 4, 4));
    hash = (Math.imul(rotateLeft(hash, 13), 5) + 0xe6546b64) | 0;
  }
  const tail = bytes.length & 3;
  if (tail > 0) hash ^= scramble(wordAt(bytes, blocks * 4, tail));
  return avalanche(hash ^ bytes.length);
}

function wordAt(bytes: Uint8Array, start: number, count: number): number {
  let word = 0;
  for (let i = count - 1; i >= 0; i--) word = (word << 8) | (bytes[start + i] as number);
  return word;
}

function scramble(word: number): number {
  return Math.imul(rotateLeft(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
}

function avalanche(hash: number): number {
  let mixed = hash;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Both halves of a seed up to 2⁵³ count. */
function mixSeed(seed: number): number {
  const high = Math.floor(seed / 0x100000000);
  return avalanche((seed | 0) ^ Math.imul(high | 0, 0x9e3779b1));
}

function splitMix32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
