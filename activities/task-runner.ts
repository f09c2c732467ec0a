import type { TaskInput, TaskName, TaskOutput } from '../threads/tasks.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { StepControl } from './step.ts';
import type { StepWork } from './step-work.ts';

/** Tasks that an earlier run's result may stand for: neither a search's trials nor what a gate compares. */
export type ReusedTask = TaskName & StepWork;
export type RunTask = <N extends ReusedTask>(task: N, input: TaskInput<N>) => Promise<TaskOutput<N>>;

/** Performs a task in a thread, unless an earlier run has its result; progress is the step's, and so is cancelling. */
export function createTaskRunner({ threads }: Pick<ActivityDependencies, 'threads'>) {
  return <N extends ReusedTask>(
    { signal, report: onProgress, result }: StepControl,
    task: N,
    input: TaskInput<N>,
  ): Promise<TaskOutput<N>> => result(task, input, () => threads.run(task, input, { signal, onProgress }));
}
