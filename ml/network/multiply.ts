export type Product = {
  /** m × k, row-major. */
  left: Float64Array;
  /** n × k, row-major: the right factor transposed, so that both are read along their rows. */
  right: Float64Array;
  /** m × n. */
  to: Float64Array;
  m: number;
  n: number;
  k: number;
};

/**
 * to = left · rightᵀ. Each element is summed along k from its start, whatever stands beside it, so that a row's answers
 * do not depend on the rows that it is multiplied with. Four rows by two columns at a time: each number read is used
 * several times, and as many sums as registers hold need not wait for one another.
 */
export function multiply({ left, right, to, m, n, k }: Product): void {
  const tiledRows = m - (m % 4);
  const tiledColumns = n - (n % 2);
  for (let i = 0; i < tiledRows; i += 4) {
    const a = i * k;
    const b = a + k;
    const c = b + k;
    const d = c + k;
    for (let j = 0; j < tiledColumns; j += 2) {
      const u = j * k;
      const v = u + k;
      let [au, av, bu, bv, cu, cv, du, dv] = [0, 0, 0, 0, 0, 0, 0, 0];
      for (let p = 0; p < k; p++) {
        const atU = right[u + p] as number;
        const atV = right[v + p] as number;
        const atA = left[a + p] as number;
        const atB = left[b + p] as number;
        const atC = left[c + p] as number;
        const atD = left[d + p] as number;
        au += atA * atU;
        av += atA * atV;
        bu += atB * atU;
        bv += atB * atV;
        cu += atC * atU;
        cv += atC * atV;
        du += atD * atU;
        dv += atD * atV;
      }
      const at = i * n + j;
      to[at] = au;
      to[at + 1] = av;
      to[at + n] = bu;
      to[at + n + 1] = bv;
      to[at + 2 * n] = cu;
      to[at + 2 * n + 1] = cv;
      to[at + 3 * n] = du;
      to[at + 3 * n + 1] = dv;
    }
    for (let row = i; row < i + 4; row++) {
      for (let j = tiledColumns; j < n; j++) to[row * n + j] = dot({ left, right, k }, row, j);
    }
  }
  for (let row = tiledRows; row < m; row++) {
    for (let j = 0; j < n; j++) to[row * n + j] = dot({ left, right, k }, row, j);
  }
}

function dot({ left, right, k }: Pick<Product, 'left' | 'right' | 'k'>, row: number, column: number): number {
  let sum = 0;
  for (let p = 0; p < k; p++) sum += (left[row * k + p] as number) * (right[column * k + p] as number);
  return sum;
}

/** @param from rows × columns, row-major; `to` becomes columns × rows */
export function transpose(
  from: Float64Array,
  to: Float64Array,
  { rows, columns }: { rows: number; columns: number },
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      to[column * rows + row] = from[row * columns + column] as number;
    }
  }
}
