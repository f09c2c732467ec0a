import type { NodeTotals } from './splitting.ts';

/** One of each row. */
export type Gradients = { gradients: Float64Array; hessians: Float64Array };

/**
 * How the derivatives of a tree's rows were rounded: to multiples of powers of two, so few bits wide that any sum
 * over rows is exact. A sum is then the same in whatever order and by however many threads it is formed.
 */
export type Rounding = {
  gradientUnit: number;
  hessianUnit: number;
  /** The hessian of every row, where all are equal (squared loss without weights); else null. */
  equalHessian: number | null;
  /** Bits that hold the number of rows. */
  countBits: number;
  /** Of all the tree's rows. */
  totals: NodeTotals;
};

export type ChosenRounding = Omit<Rounding, 'totals'>;

/** Sums over the listed rows. */
export type GradientSizes = {
  rows: number;
  /** Σ |gradient| and Σ hessian. */
  gradient: number;
  hessian: number;
  /** The hessian of every row, where all are equal. */
  equalHessian: number | null;
};

/** Sizes are summed by blocks of so many rows, then over the blocks: the same sums, whoever forms those of a block. */
export const measuredRows = 4096;
/** Below the 53 of a double, with room for rounding up each row. */
const mostSumBits = 50;
/** Two of 64 are for the sign and for rounding up each row. */
const packedBits = 62;

export function chooseRounding({ rows, gradient, hessian, equalHessian }: GradientSizes): ChosenRounding {
  const countBits = 32 - Math.clz32(rows);
  const sumBits = Math.min(mostSumBits, packedBits - countBits);
  const hessianUnit = unitOf(hessian, sumBits);
  return {
    gradientUnit: unitOf(gradient, sumBits),
    hessianUnit,
    equalHessian: equalHessian === null ? null : roundHessian(equalHessian, hessianUnit),
    countBits,
  };
}

export function measureGradients(rows: Int32Array, { gradients, hessians }: Gradients): GradientSizes {
  const first = hessians[rows[0] as number] as number;
  const sizes: GradientSizes = { rows: rows.length, gradient: 0, hessian: 0, equalHessian: first };
  for (let start = 0; start < rows.length; start += measuredRows) {
    const end = Math.min(rows.length, start + measuredRows);
    let gradient = 0;
    let hessian = 0;
    for (let i = start; i < end; i++) {
      const row = rows[i] as number;
      gradient += Math.abs(gradients[row] as number);
      hessian += hessians[row] as number;
      if (hessians[row] !== first) sizes.equalHessian = null;
    }
    sizes.gradient += gradient;
    sizes.hessian += hessian;
  }
  return sizes;
}

/** Rounds the derivatives of the listed rows in place. */
export function roundGradients(rows: Int32Array, { gradients, hessians }: Gradients): Rounding {
  const chosen = chooseRounding(measureGradients(rows, { gradients, hessians }));
  const { gradientUnit, hessianUnit } = chosen;
  const totals = { gradient: 0, hessian: 0, rows: rows.length };
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    gradients[row] = toInteger((gradients[row] as number) / gradientUnit) * gradientUnit;
    hessians[row] = roundHessian(hessians[row] as number, hessianUnit);
    totals.gradient += gradients[row] as number;
    totals.hessian += hessians[row] as number;
  }
  return { ...chosen, totals };
}

/** A row that has any curvature keeps some, or a leaf of near-certain rows would have none to divide by. */
function roundHessian(hessian: number, unit: number): number {
  return hessian > 0 ? Math.max(1, toInteger(hessian / unit)) * unit : 0;
}

/** Halves to even, for |x| < 2⁵¹. */
function toInteger(x: number): number {
  const shift = 1.5 * 2 ** 52;
  return x + shift - shift;
}

/** The power of two of which `size` holds less than 2^bits. */
function unitOf(size: number, bits: number): number {
  // Units below this would lose their inverse.
  const least = -1000;
  return size > 0 ? 2 ** Math.max(exponentOf(size) + 1 - bits, least) : 1;
}

/** Floor of the binary logarithm: exact, where `Math.log2` may round up. */
function exponentOf(value: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  return ((bits.getUint16(0) >>> 4) & 0x7ff) - 1023;
}
