import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Points } from './points.ts';

/** Principal components: what `project` maps points with. */
export type Projection = {
  means: number[];
  /** Of unit length, the one of most variance first; the largest coordinate of each is positive. */
  components: number[][];
  /** Of each component: its share of the whole variance. */
  explained: number[];
};

/** The first `dimensions` principal components, or as many as there are columns. */
export function fitProjection({ values, rows, width }: Points, dimensions: number): Projection {
  const means = Array.from({ length: width }, (_, column) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += values[row * width + column] as number;
    return sum / rows;
  });
  const covariance = Matrix.zeros(width, width);
  for (let a = 0; a < width; a++)
    for (let b = a; b < width; b++) {
      let sum = 0;
      for (let row = 0; row < rows; row++)
        sum +=
          ((values[row * width + a] as number) - (means[a] as number)) *
          ((values[row * width + b] as number) - (means[b] as number));
      covariance.set(a, b, sum / rows);
      covariance.set(b, a, sum / rows);
    }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  });
  const total = realEigenvalues.reduce((sum, value) => sum + value, 0);
  const order = realEigenvalues
    .map((variance, place) => ({ variance, place }))
    .toSorted((a, b) => b.variance - a.variance)
    .slice(0, dimensions);
  return {
    means,
    components: order.map(({ place }) => upright(eigenvectorMatrix.getColumn(place))),
    explained: order.map(({ variance }) => (total === 0 ? 0 : Math.max(0, variance) / total)),
  };
}

/** Rows × components, row-major. */
export function project({ values, rows, width }: Points, { means, components }: Projection): Float64Array {
  const projected = new Float64Array(rows * components.length);
  for (let row = 0; row < rows; row++)
    components.forEach((component, place) => {
      let sum = 0;
      for (let column = 0; column < width; column++)
        sum +=
          ((values[row * width + column] as number) - (means[column] as number)) *
          (component[column] as number);
      projected[row * components.length + place] = sum;
    });
  return projected;
}

/** An eigenvector and its opposite are the same axis. */
function upright(vector: number[]): number[] {
  const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? vector.map((value) => -value) : vector;
}
