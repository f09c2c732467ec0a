import { copyMemory, type FunctionSource, get, i32, loopWhile, set } from './assembler.ts';
import { advance, bytesOf, elementAt } from './kernel-code.ts';

export function divide(): FunctionSource {
  const [list, end, column, goesLeft, scratch] = [0, 1, 2, 3, 4] as const;
  const [left, right, row, side] = [5, 6, 7, 8] as const;
  return {
    name: 'divide',
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32'],
    result: 'i32',
    locals: ['i32', 'i32', 'i32', 'i32'],
    body: [
      ...set(left, get(list)),
      ...set(right, get(scratch)),
      // Each row is written to both sides and one of them moves on: no branch, which would be wrong half the time.
      ...loopWhile(
        i32.lt(get(list), get(end)),
        set(row, i32.load({ at: get(list) })),
        i32.store({ at: get(left) }, get(row)),
        i32.store({ at: get(right) }, get(row)),
        set(
          side,
          i32.load8({ at: i32.add(get(goesLeft), i32.load8({ at: i32.add(get(column), get(row)) })) }),
        ),
        set(left, elementAt(left, get(side), 2)),
        set(right, elementAt(right, i32.sub(i32.const(1), get(side)), 2)),
        advance(list, bytesOf.i32),
      ),
      ...get(left),
    ],
  };
}

export function copy(): FunctionSource {
  const body = copyMemory(get(0), get(1), get(2));
  return { name: 'copy', parameters: ['i32', 'i32', 'i32'], result: null, locals: [], body };
}
