import type { TrainingSet } from '../learner.ts';

/**
 * Checks what every learner rests on.
 * @throws RangeError for no rows, lengths that differ, a target that is not finite or no class, or a weight below 0
 */
export function checkTrainingSet({ task, blocks, target, weights, classes }: TrainingSet): void {
  const { rows } = blocks;
  if (rows === 0) throw new RangeError('training needs at least one row');
  if (task === 'clustering') {
    if (target.length > 0) throw new RangeError(`clusters have no target; there are ${target.length} values`);
  } else if (target.length !== rows) throw new RangeError(`${rows} rows, but ${target.length} target values`);
  if (weights !== undefined && weights.length !== rows) {
    throw new RangeError(`${rows} rows, but ${weights.length} weights`);
  }
  target.forEach((value, row) => {
    if (!Number.isFinite(value)) throw new RangeError(`the target of row ${row} is ${value}`);
    if (task !== 'regression' && !(Number.isInteger(value) && value >= 0 && value < classes)) {
      throw new RangeError(`the target of row ${row} is ${value}; the classes are 0 to ${classes - 1}`);
    }
  });
  if (weights === undefined) return;
  let total = 0;
  weights.forEach((weight, row) => {
    if (!(Number.isFinite(weight) && weight >= 0))
      throw new RangeError(`the weight of row ${row} is ${weight}`);
    total += weight;
  });
  if (total === 0) throw new RangeError('all weights are 0');
}

/** One weight a row. */
export function rowWeights({ blocks, weights }: Pick<TrainingSet, 'blocks' | 'weights'>): Float64Array {
  return weights ?? new Float64Array(blocks.rows).fill(1);
}

export function weightedMean(values: Float64Array, weights: Float64Array): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    sum += (values[i] as number) * (weights[i] as number);
    total += weights[i] as number;
  }
  return sum / total;
}

/** @param perClass the weight of a row of each class, in the order of the learner's classes */
export function weightsOfClasses(target: Float64Array, perClass: readonly number[]): Float64Array {
  return target.map((value) => perClass[value] as number);
}

/** rows ÷ (classes × rows of the class), so that every class weighs the same: scikit-learn's `balanced`. */
export function balancedWeights(target: Float64Array, classes: number): Float64Array {
  const counts = new Float64Array(classes);
  for (const value of target) counts[value] = (counts[value] ?? 0) + 1;
  const present = counts.filter((count) => count > 0).length;
  return target.map((value) => target.length / (present * (counts[value] as number)));
}
