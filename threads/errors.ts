/** Thrown in place of an error that happened in a thread; `name` is the original's. */
export class ThreadFailure extends Error {
  override readonly name: string;
  constructor(original: { name: string; message: string; stack: string | undefined }) {
    super(original.message);
    this.name = original.name;
    if (original.stack !== undefined) this.stack = original.stack;
  }
}

/** Thrown when a thread died or fell silent. Another attempt may well succeed. */
export class ThreadLost extends Error {
  override readonly name = 'ThreadLost';
}

/** Thrown when a learner refuses its rows or parameters, or runs out of memory: it would do so again. */
export class LearnerFailed extends Error {
  override readonly name = 'LearnerFailed';
}

/**
 * Runs a computation without I/O. What it refuses, too few rows for the folds or a number past what JSON holds, it
 * would refuse again, while an error of another name is taken for passing and retried for hours.
 * @throws LearnerFailed naming the subject
 */
export function refuseForGood<T>(subject: string, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof LearnerFailed || error instanceof TaskCancelled) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new LearnerFailed(`${subject}: ${reason}`, { cause: error });
  }
}

/** Thrown inside a thread where its task was cancelled. */
export class TaskCancelled extends Error {
  override readonly name = 'TaskCancelled';
}
