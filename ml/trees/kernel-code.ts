import { type Code, get, i32, set } from './assembler.ts';

/** See `Kernel`. */
export const layouts = ['Narrow', 'Wide'] as const;
export type Layout = (typeof layouts)[number];
export type CellBits = 16 | 32;
export const slotShift = { Narrow: 3, Wide: 4 } as const;

export const bytesOf = { i32: 4, i64: 8, f64: 8, v128: 16 } as const;
export const advance = (local: number, bytes: number): Code =>
  set(local, i32.add(get(local), i32.const(bytes)));
export const elementAt = (base: number, index: Code, shift: number): Code =>
  i32.add(get(base), i32.shl(index, i32.const(shift)));
