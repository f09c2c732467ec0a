import { type Code, type FunctionSource, f64, get, i32, i64, loopWhile, select, set } from './assembler.ts';
import { advance, bytesOf, type CellBits, elementAt, type Layout, slotShift } from './kernel-code.ts';

export function binColumn(bits: CellBits): FunctionSource {
  const [values, end, valueStride, thresholds, missingBin] = [0, 1, 2, 3, 4] as const;
  const [bins, slots, slotStride, firstSlot] = [5, 6, 7, 8] as const;
  const [value, place, bin] = [9, 10, 11] as const;
  const store = bits === 16 ? i32.store16 : i32.store;
  /** Passes 2^power thresholds if the last of them is below the value: no branch, which would be wrong half the time. */
  const halve = (power: number): Code =>
    set(
      place,
      i32.add(
        get(place),
        i32.shl(
          f64.less(f64.load({ at: get(place), offset: (2 ** power - 1) * 8 }), get(value)),
          i32.const(power + 3),
        ),
      ),
    );
  return {
    name: `binColumn${bits}`,
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    result: null,
    locals: ['f64', 'i32', 'i32'],
    body: loopWhile(
      i32.lt(get(values), get(end)),
      set(value, f64.load({ at: get(values) })),
      set(place, get(thresholds)),
      ...[7, 6, 5, 4, 3, 2, 1, 0].map(halve),
      set(
        bin,
        select(
          get(missingBin),
          i32.shiftUnsigned(i32.sub(get(place), get(thresholds)), i32.const(3)),
          f64.notEqual(get(value), get(value)),
        ),
      ),
      i32.store8({ at: get(bins) }, get(bin)),
      store({ at: get(slots) }, i32.add(get(bin), get(firstSlot))),
      advance(bins, 1),
      set(slots, i32.add(get(slots), get(slotStride))),
      set(values, i32.add(get(values), get(valueStride))),
    ),
  };
}

export function measure(): FunctionSource {
  const [list, end, gradients, hessians, into] = [0, 1, 2, 3, 4] as const;
  const [row, differs, gradientSize, hessianSize, first, hessian] = [5, 6, 7, 8, 9, 10] as const;
  return {
    name: 'measure',
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32'],
    result: null,
    locals: ['i32', 'i32', 'f64', 'f64', 'f64', 'f64'],
    body: [
      ...set(first, f64.load({ at: elementAt(hessians, i32.load({ at: get(list) }), 3) })),
      ...loopWhile(
        i32.lt(get(list), get(end)),
        set(row, i32.load({ at: get(list) })),
        set(
          gradientSize,
          f64.add(get(gradientSize), f64.absolute(f64.load({ at: elementAt(gradients, get(row), 3) }))),
        ),
        set(hessian, f64.load({ at: elementAt(hessians, get(row), 3) })),
        set(hessianSize, f64.add(get(hessianSize), get(hessian))),
        set(differs, i32.or(get(differs), f64.notEqual(get(hessian), get(first)))),
        advance(list, bytesOf.i32),
      ),
      ...f64.store({ at: get(into) }, get(gradientSize)),
      ...f64.store({ at: get(into), offset: 8 }, get(hessianSize)),
      ...f64.store({ at: get(into), offset: 16 }, f64.fromI32(get(differs))),
    ],
  };
}

export function pack(layout: Layout): FunctionSource {
  const [list, end, gradients, hessians, packed] = [0, 1, 2, 3, 4] as const;
  const [countBits, gradientScale, hessianScale, sums] = [5, 6, 7, 8] as const;
  const [row, at, bits, gradient, hessian, gradients64, hessians64] = [9, 10, 11, 12, 13, 14, 15] as const;
  const derivativeOf = (from: number) => f64.load({ at: elementAt(from, get(row), 3) });
  const scaled = (value: Code, scale: number) => f64.nearest(f64.mul(value, get(scale)));
  const withRow = (value: Code) => i64.add(i64.shl(value, get(bits)), i64.const(1));
  const isAboveZero = f64.fromI32(f64.less(f64.const(0), derivativeOf(hessians)));
  return {
    name: `pack${layout}`,
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f64', 'f64', 'i32'],
    result: null,
    locals: ['i32', 'i32', 'i64', 'i64', 'i64', 'i64', 'i64'],
    body: [
      ...set(bits, i64.fromI32(get(countBits))),
      ...loopWhile(
        i32.lt(get(list), get(end)),
        set(row, i32.load({ at: get(list) })),
        set(at, elementAt(packed, get(row), slotShift[layout])),
        set(gradient, i64.fromF64(scaled(derivativeOf(gradients), gradientScale))),
        set(gradients64, i64.add(get(gradients64), get(gradient))),
        ...(layout === 'Narrow'
          ? [i64.store({ at: get(at) }, withRow(get(gradient)))]
          : [
              set(hessian, i64.fromF64(f64.most(scaled(derivativeOf(hessians), hessianScale), isAboveZero))),
              set(hessians64, i64.add(get(hessians64), get(hessian))),
              i64.store({ at: get(at) }, get(gradient)),
              i64.store({ at: get(at), offset: 8 }, withRow(get(hessian))),
            ]),
        advance(list, bytesOf.i32),
      ),
      ...f64.store({ at: get(sums) }, f64.fromI64(get(gradients64))),
      ...f64.store({ at: get(sums), offset: 8 }, f64.fromI64(get(hessians64))),
    ],
  };
}
