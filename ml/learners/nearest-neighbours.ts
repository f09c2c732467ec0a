import { z } from 'zod';
import { NotExplainable } from '../explain/explainer.ts';
import type { FittedModel, Learner, Predictor, TrainingSet } from '../learner.ts';
import type { Nearest } from '../neighbours/nearest.ts';
import { createSearchAll } from '../neighbours/search-all.ts';
import { orderRows } from '../neighbours/tree.ts';
import { createRandom, deriveSeed, sampleIndices } from '../random.ts';
import { designSchema, fitStandardDesign, standardise } from './design-matrix.ts';
import { withProgress } from './newton.ts';
import { checkTrainingSet, rowWeights } from './training-rows.ts';

/** What the rows may take of an artifact, which is bounded. */
const bytesLimit = 48 * 1024 * 1024;

const paramsSchema = z.strictObject({
  neighbours: z.int().min(1).max(1000).default(30),
  /** `distance`: a neighbour counts by 1 / its distance; where some lie at distance 0, they alone count. */
  weights: z.enum(['uniform', 'distance']).default('uniform'),
  /** Rows kept, drawn by seed from more. */
  maxRows: z.int().min(1).default(50_000),
});

const headSchema = z.strictObject({
  design: designSchema,
  neighbours: z.int().min(1),
  weights: z.enum(['uniform', 'distance']),
  /** 1: the mean of the targets, which of two classes is the share of class 1; else the classes. */
  outputs: z.int().min(1),
});

/**
 * The mean of the nearest training rows (Fix and Hodges, 1951), by Euclidean distance over standardised columns; levels
 * of codes are columns of 0 and 1. Ties go to the earlier row. Class weights count as votes; rows of weight 0 are left out.
 *
 * The model is its rows. Sections: `points` (rows × columns, standardised, in the order of a k-d tree), `numbers` (of the
 * training rows, in that order), `targets` and `votes`.
 */
export const nearestNeighbours: Learner<z.infer<typeof paramsSchema>> = {
  name: 'nearest-neighbours',
  tasks: ['regression', 'binary', 'multiclass'],
  reads: ['dense', 'codes'],
  params: paramsSchema,

  *fit(training, { neighbours, weights, maxRows }) {
    checkTrainingSet(training);
    const { task, target, classes } = training;
    const { design, x } = fitStandardDesign(training.blocks);
    const width = design.means.length;
    const votes = rowWeights(training);
    const kept = keepRows(training, votes, maxRows);
    if (width === 0) throw new RangeError('neighbours need at least one column; the recipe made none');
    if (kept.length < neighbours) {
      throw new RangeError(`${neighbours} neighbours need as many rows; there are ${kept.length}`);
    }
    if (kept.length * width * 8 > bytesLimit) {
      throw new RangeError(
        `the model is its rows: ${kept.length} of ${width} columns pass ${bytesLimit} bytes; at most ${Math.floor(bytesLimit / (width * 8))} fit (maxRows)`,
      );
    }
    const points = selectPoints(x, width, kept);
    const order = yield* withProgress(orderRows(points, width), { done: 0, total: 1 });
    yield { done: 1, total: 1 };
    const numbers = order.map((place) => kept[place] as number);
    return {
      head: { design, neighbours, weights, outputs: task === 'multiclass' ? classes : 1 },
      sections: {
        points: selectPoints(points, width, order),
        numbers,
        targets: Float64Array.from(numbers, (row) => target[row] as number),
        votes: Float64Array.from(numbers, (row) => votes[row] as number),
      },
    };
  },

  load: loadNeighbours,
  explainer: () => {
    throw new NotExplainable('what nearest neighbours answer is no sum of what each feature adds');
  },
  importances: () => [],
};

function keepRows({ seed, blocks }: TrainingSet, votes: Float64Array, most: number): Int32Array {
  const counted = Int32Array.from({ length: blocks.rows }, (_, row) => row).filter(
    (row) => (votes[row] as number) > 0,
  );
  if (counted.length <= most) return counted;
  const random = createRandom(deriveSeed(seed, 'nearest-neighbours'));
  return sampleIndices({ from: counted.length, count: most }, random).map((i) => counted[i] as number);
}

function selectPoints(points: Float64Array, width: number, rows: Int32Array): Float64Array {
  const selected = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    selected.set(points.subarray(row * width, (row + 1) * width), i * width);
  });
  return selected;
}

function loadNeighbours({ head, sections }: FittedModel): Predictor {
  const parsed = headSchema.parse(head);
  const width = parsed.design.means.length;
  const { points, numbers, targets, votes } = sections;
  if (
    !(points instanceof Float64Array && numbers instanceof Int32Array) ||
    !(targets instanceof Float64Array && votes instanceof Float64Array) ||
    points.length !== numbers.length * width ||
    targets.length !== numbers.length ||
    votes.length !== numbers.length ||
    numbers.length < parsed.neighbours
  ) {
    throw new RangeError(
      'a model of nearest neighbours needs points, numbers, targets and votes for each of its rows',
    );
  }
  const searchAll = createSearchAll({ points, numbers, width, count: parsed.neighbours });
  const { outputs } = parsed;

  const average = ({ places, squares }: Nearest, answers: Float64Array, start: number): void => {
    const isThere = squares[0] === 0;
    let total = 0;
    for (let i = 0; i < places.length; i++) {
      const place = places[i] as number;
      let vote = votes[place] as number;
      if (parsed.weights === 'distance') {
        if (!isThere) vote /= Math.sqrt(squares[i] as number);
        else if ((squares[i] as number) > 0) break;
      }
      const target = targets[place] as number;
      const at = outputs === 1 ? start : start + target;
      answers[at] = (answers[at] as number) + (outputs === 1 ? vote * target : vote);
      total += vote;
    }
    for (let output = start; output < start + outputs; output++) {
      answers[output] = (answers[output] as number) / total;
    }
  };
  return {
    predict: (blocks) => {
      const x = standardise(parsed.design, blocks);
      const answers = new Float64Array(blocks.rows * outputs);
      searchAll(x, (row, nearest) => average(nearest, answers, row * outputs));
      return answers;
    },
  };
}
