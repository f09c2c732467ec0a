import { createRandom, deriveSeed, shuffle } from '../random.ts';

/** Rows shuffled within their stratum, strata in ascending order. */
export function orderByStratum({
  rows,
  seed,
  strata,
}: {
  rows: number;
  seed: number;
  strata?: ArrayLike<number>;
}): Int32Array {
  const order = shuffle(
    Int32Array.from({ length: rows }, (_, row) => row),
    createRandom(deriveSeed(seed, 'split')),
  );
  if (strata === undefined) return order;
  const place = new Int32Array(rows);
  order.forEach((row, i) => {
    place[row] = i;
  });
  return order.sort(
    (a, b) => (strata[a] as number) - (strata[b] as number) || (place[a] as number) - (place[b] as number),
  );
}
