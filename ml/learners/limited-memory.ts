import type { Progress } from '../learner.ts';
import { withProgress } from './newton.ts';

/** Steps whose changes of the gradient are remembered; more than ten hardly help (Nocedal and Wright, 2006, 7.2). */
const memory = 10;
const maxLineSteps = 30;
/** Of Wolfe's conditions: the least share of the promised fall, and the most of the slope that may be left. */
const enoughFall = 1e-4;
const slopeLeft = 0.9;

export type SmoothProblem = {
  start: Float64Array;
  maxIterations: number;
  /** Arrived where no derivative is larger. */
  tolerance: number;
  /** The loss of a solution; writes its gradient. */
  at(solution: Float64Array, gradient: Float64Array): Generator<void, number, void>;
};

type Point = { solution: Float64Array; gradient: Float64Array; loss: number };
type Change = { step: Float64Array; turn: Float64Array; curvature: number };

/**
 * L-BFGS (Liu and Nocedal, 1989) with a line search by bisection for Wolfe's weak conditions, for a convex loss of many
 * coefficients. Sums run in one order, so the same problem has the same solution to the bit.
 */
export function* descendInMemory(problem: SmoothProblem): Generator<Progress, Float64Array, void> {
  const { maxIterations: total } = problem;
  const changes: Change[] = [];
  let here: Point = { solution: problem.start, gradient: new Float64Array(problem.start.length), loss: 0 };
  here.loss = yield* withProgress(problem.at(here.solution, here.gradient), { done: 0, total });
  for (let iteration = 0; iteration < total; iteration++) {
    if (largest(here.gradient) <= problem.tolerance) break;
    const direction = towardsMinimum(here.gradient, changes);
    const first = changes.length === 0 ? 1 / Math.sqrt(product(here.gradient, here.gradient)) : 1;
    const there = yield* searchLine(problem, here, { direction, first, at: { done: iteration, total } });
    // Without any fall left the loss is flat to the last bit, which is as far as doubles go.
    if (there === null) break;
    remember(changes, here, there);
    here = there;
    yield { done: iteration + 1, total };
  }
  return here.solution;
}

function* searchLine(
  problem: SmoothProblem,
  here: Point,
  { direction, first, at }: { direction: Float64Array; first: number; at: Progress },
): Generator<Progress, Point | null, void> {
  const slope = product(here.gradient, direction);
  let length = first;
  let tooShort = 0;
  let tooLong = Number.POSITIVE_INFINITY;
  let best: Point | null = null;
  for (let tried = 0; tried < maxLineSteps; tried++) {
    const solution = here.solution.slice();
    for (let i = 0; i < solution.length; i++)
      solution[i] = (solution[i] as number) + length * (direction[i] as number);
    const gradient = new Float64Array(solution.length);
    const loss = yield* withProgress(problem.at(solution, gradient), at);
    if (!(loss <= here.loss + enoughFall * length * slope)) tooLong = length;
    else {
      if (loss < (best ?? here).loss) best = { solution, gradient, loss };
      if (product(gradient, direction) >= slopeLeft * slope) return { solution, gradient, loss };
      tooShort = length;
    }
    length = tooLong === Number.POSITIVE_INFINITY ? length * 2 : (tooShort + tooLong) / 2;
  }
  return best;
}

/** The two loops over the remembered changes. */
function towardsMinimum(gradient: Float64Array, changes: readonly Change[]): Float64Array {
  const direction = gradient.map((slope) => -slope);
  const shares: number[] = [];
  for (const { step, turn, curvature } of changes.toReversed()) {
    const share = product(step, direction) / curvature;
    shares.push(share);
    add(direction, -share, turn);
  }
  const last = changes.at(-1);
  if (last !== undefined) {
    const scale = last.curvature / product(last.turn, last.turn);
    for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] as number) * scale;
  }
  for (const { step, turn, curvature } of changes) {
    const share = shares.pop() as number;
    add(direction, share - product(turn, direction) / curvature, step);
  }
  return direction;
}

function remember(changes: Change[], here: Point, there: Point): void {
  const step = there.solution.map((value, i) => value - (here.solution[i] as number));
  const turn = there.gradient.map((value, i) => value - (here.gradient[i] as number));
  const curvature = product(step, turn);
  // Rounding can leave none where the loss is almost straight; the direction would point anywhere.
  if (!(curvature > 0)) return;
  changes.push({ step, turn, curvature });
  if (changes.length > memory) changes.shift();
}

function product(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; i++) sum += (left[i] as number) * (right[i] as number);
  return sum;
}

function add(to: Float64Array, factor: number, values: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] as number) + factor * (values[i] as number);
}

function largest(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i] as number));
  return most;
}
