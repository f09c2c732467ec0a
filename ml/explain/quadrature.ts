export type Quadrature = { points: Float64Array; weights: Float64Array };

/**
 * Gauss–Legendre over [0, 1]: `count` points integrate polynomials of degree 2 × count − 1 exactly.
 * The points are the roots of Legendre's polynomial, by Newton's method from Tricomi's first guess.
 */
export function gaussLegendre(count: number): Quadrature {
  const points = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let root = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let { value, slope } = legendre(count, root);
    // Newton's steps square the error; the first guess has two digits.
    for (let step = 0; step < 6; step++) {
      root -= value / slope;
      ({ value, slope } = legendre(count, root));
    }
    points[i] = (1 - root) / 2;
    weights[i] = 1 / ((1 - root * root) * slope * slope);
  }
  return { points, weights };
}

/** Legendre's polynomial of a degree from 1 on, and its derivative, inside (-1, 1). */
function legendre(degree: number, x: number): { value: number; slope: number } {
  let before = 1;
  let value = x;
  for (let n = 2; n <= degree; n++) {
    const next = ((2 * n - 1) * x * value - (n - 1) * before) / n;
    before = value;
    value = next;
  }
  return { value, slope: (degree * (x * value - before)) / (x * x - 1) };
}
