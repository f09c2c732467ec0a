/**
 * As much of an assembler for WebAssembly as the kernels of `kernel.ts` need: expressions are nested calls, a
 * function is a list of statements. Written here because what the registry offers (wabt, binaryen) weighs megabytes,
 * and a `.wat` file would need a build step. Binary format: https://webassembly.github.io/spec/core/binary
 */
export type Code = readonly number[];

export type ValueType = 'i32' | 'i64' | 'f64' | 'v128';
const typeCodes = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const satisfies Record<
  ValueType,
  number
>;

export type FunctionSource = {
  name: string;
  /** Locals 0, 1, … in this order; `locals` follow them. */
  parameters: readonly ValueType[];
  result: ValueType | null;
  locals: readonly ValueType[];
  body: Code;
};

const operation =
  (...opcode: number[]) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), ...opcode];

type Address = { at: Code; offset?: number };
const access =
  (...opcode: number[]) =>
  (
    { at, offset = 0 }: Address,
    ...value: readonly Code[]
  ): Code => // Alignment 0 promises nothing; processors that run this do not mind.
  [...at, ...value.flat(), ...opcode, 0, ...unsigned(offset)];

const integer =
  (opcode: number) =>
  (value: number): Code => [opcode, ...signed(value)];

export const i32 = {
  const: integer(0x41),
  add: operation(0x6a),
  sub: operation(0x6b),
  and: operation(0x71),
  or: operation(0x72),
  notEqual: operation(0x47),
  shiftUnsigned: operation(0x76),
  mul: operation(0x6c),
  shl: operation(0x74),
  /** Unsigned, as addresses are. */
  lt: operation(0x49),
  /** Saturates, and NaN is 0. */
  fromF64: operation(0xfc, 3),
  load: access(0x28),
  load8: access(0x2d),
  load16: access(0x2f),
  store: access(0x36),
  store8: access(0x3a),
  store16: access(0x3b),
} as const;

export const i64 = {
  const: integer(0x42),
  add: operation(0x7c),
  sub: operation(0x7d),
  and: operation(0x83),
  shl: operation(0x86),
  shiftSigned: operation(0x87),
  shiftUnsigned: operation(0x88),
  fromI32: operation(0xad),
  /** Saturates: no input traps. */
  fromF64: operation(0xfc, 6),
  load: access(0x29),
  store: access(0x37),
} as const;

export const f64 = {
  const: (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)],
  /** Comparisons give 1 or 0. */
  notEqual: operation(0x62),
  less: operation(0x63),
  absolute: operation(0x99),
  /** Halves to even. */
  nearest: operation(0x9e),
  add: operation(0xa0),
  mul: operation(0xa2),
  most: operation(0xa5),
  fromI32: operation(0xb7),
  fromI64: operation(0xb9),
  load: access(0x2b),
  store: access(0x39),
} as const;

export const i64x2 = {
  add: operation(0xfd, 0xce, 0x01),
  sub: operation(0xfd, 0xd1, 0x01),
  load: access(0xfd, 0x00),
  store: access(0xfd, 0x0b),
} as const;

export const f64x2 = {
  /** Both lanes. */
  splat: operation(0xfd, 0x14),
  loadSplat: access(0xfd, 0x0a),
  add: operation(0xfd, 0xf0, 0x01),
  mul: operation(0xfd, 0xf2, 0x01),
  load: access(0xfd, 0x00),
  store: access(0xfd, 0x0b),
} as const;

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const tee = (local: number, value: Code): Code => [...value, 0x22, ...unsigned(local)];

/** The first where the condition is not 0; both are evaluated. */
export const select = (first: Code, second: Code, condition: Code): Code => [
  ...first,
  ...second,
  ...condition,
  0x1b,
];

/** Repeats the statements while the condition holds before them. */
export const loopWhile = (condition: Code, ...statements: readonly Code[]): Code => [
  ...condition,
  ...[0x04, 0x40],
  ...[0x03, 0x40],
  ...statements.flat(),
  ...condition,
  ...[0x0d, 0x00],
  ...[0x0b, 0x0b],
];

export const copyMemory = (to: Code, from: Code, bytes: Code): Code => [
  ...to,
  ...from,
  ...bytes,
  ...[0xfc, 10, 0, 0],
];
export const clearMemory = (at: Code, bytes: Code): Code => [
  ...at,
  ...i32.const(0),
  ...bytes,
  ...[0xfc, 11, 0],
];

/** A module that exports the functions and imports the shared memory `tree.memory`. */
export function assembleModule(functions: readonly FunctionSource[]): Uint8Array {
  const types = functions.map(({ parameters, result }) => [
    0x60,
    ...vector(parameters.map((type) => [typeCodes[type]])),
    ...vector(result === null ? [] : [[typeCodes[result]]]),
  ]);
  const sharedWithMaximum = 0x03;
  const memory = [...text('tree'), ...text('memory'), 0x02, sharedWithMaximum, 0, ...unsigned(maxPages)];
  const bodies = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map((type) => [1, typeCodes[type]])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector([memory])),
    ...section(3, vector(functions.map((_, i) => unsigned(i)))),
    ...section(7, vector(functions.map(({ name }, i) => [...text(name), 0, ...unsigned(i)]))),
    ...section(10, vector(bodies)),
  ]);
}

/** 4 GiB, all that 32 bits can address. */
export const maxPages = 65_536;

const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const text = (name: string): Code => vector([...new TextEncoder().encode(name)].map((byte) => [byte]));

/** LEB128. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
}

function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  while (rest < -64 || rest > 63) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  return [...bytes, rest & 0x7f];
}
