import { HttpProblem } from '../../problem.ts';
import type { ModelKey, ThreadModel } from './held-models.ts';
import type { JobName, Jobs } from './jobs.ts';

export type ToThread =
  | { type: 'hold'; key: ModelKey; model: ThreadModel }
  | { type: 'forget'; key: ModelKey }
  | { type: 'job'; job: JobName; input: Jobs[JobName]['input']; key: ModelKey | null };

/** A thread has one job at a time. */
export type FromThread = { ok: true; output: Jobs[JobName]['output'] } | { ok: false; failure: Failure };

/** An error as it crosses: a clone keeps neither the class nor the fields of its own. */
export type Failure = {
  message: string;
  stack: string | undefined;
  /** Of a problem that is answered as it is. */
  problem: Pick<HttpProblem, 'status' | 'errors' | 'retryAfterSeconds'> | null;
};

export function toFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error), stack: undefined, problem: null };
  const { message, stack } = error;
  if (!(error instanceof HttpProblem)) return { message, stack, problem: null };
  const { status, errors, retryAfterSeconds } = error;
  return { message, stack, problem: { status, errors, retryAfterSeconds } };
}

export function fromFailure({ message, stack, problem }: Failure): Error {
  if (problem !== null) {
    const { status, errors, retryAfterSeconds } = problem;
    return new HttpProblem(status, message, {
      errors,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  }
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
