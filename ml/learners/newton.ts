import type { Progress } from '../learner.ts';

/** A Newton step that moves no coefficient by more than this has arrived; steps shrink quadratically. */
const tolerance = 1e-10;

export type NewtonProblem<At extends { loss: number }> = {
  start: Float64Array;
  maxIterations: number;
  /** The loss of a solution, with what a step from there needs. */
  at(solution: Float64Array): At;
  step(solution: Float64Array, at: At): Generator<void, Float64Array, void>;
};

/** Newton's method with step halving, for a loss that is convex. */
export function* descend<At extends { loss: number }>(
  problem: NewtonProblem<At>,
): Generator<Progress, Float64Array, void> {
  const { maxIterations: total } = problem;
  let solution = problem.start;
  let here = problem.at(solution);
  for (let iteration = 1; iteration <= total; iteration++) {
    const step = yield* withProgress(problem.step(solution, here), { done: iteration - 1, total });
    let length = 1;
    let accepted = false;
    while (!accepted && length > tolerance) {
      const next = solution.map((coefficient, i) => coefficient + length * (step[i] as number));
      const there = problem.at(next);
      accepted = there.loss <= here.loss;
      if (accepted) {
        solution = next;
        here = there;
      } else {
        length /= 2;
      }
    }
    yield { done: iteration, total };
    // Without any fall left the loss is flat to the last bit, which is as far as doubles go.
    if (!accepted || step.every((change) => Math.abs(change) * length < tolerance)) break;
  }
  return solution;
}

/** Lets the driver stop at each pause of a job that counts as one unit of work. */
export function* withProgress<Result>(
  job: Generator<void, Result, void>,
  at: Progress,
): Generator<Progress, Result, void> {
  for (;;) {
    const step = job.next();
    if (step.done === true) return step.value;
    yield at;
  }
}
