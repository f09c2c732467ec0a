import { addTopicsTask } from './add-topics.ts';
import { compareModels } from './compare-models.ts';
import type { TaskContext } from './context.ts';
import { countReviews } from './count-reviews.ts';
import { buildRowsTask, diffSnapshotsTask, validateDataTask } from './data-tasks.ts';
import { describeClusters } from './describe-clusters.ts';
import { describeModel } from './describe-model.ts';
import { describeTopicsTask } from './describe-topics.ts';
import { evaluateCandidate } from './evaluate-candidate.ts';
import { explainModelTask } from './explain-model.ts';
import { compareTrials, rankFeatures } from './feature-trials.ts';
import { learnTopicsTask } from './learn-topics.ts';
import { matchClusters } from './match-clusters.ts';
import { profileRows } from './profile-rows.ts';
import { runTrial } from './run-trial.ts';
import { scoreReviews } from './score-reviews.ts';
import type { TaskInput, TaskName, TaskOutput } from './tasks.ts';
import { trainCandidate } from './train-candidate.ts';

type TaskHandlers = {
  [N in TaskName]: (input: TaskInput<N>, context: TaskContext) => Promise<TaskOutput<N>>;
};

const handlers: TaskHandlers = {
  validateData: validateDataTask,
  buildRows: buildRowsTask,
  diffSnapshots: diffSnapshotsTask,
  trainCandidate,
  runTrial,
  rankFeatures,
  compareTrials,
  evaluateCandidate,
  compareModels,
  describeClusters,
  matchClusters,
  learnTopics: learnTopicsTask,
  describeTopics: describeTopicsTask,
  addTopics: addTopicsTask,
  describeModel,
  explainModel: explainModelTask,
  scoreReviews,
  countReviews,
  profileRows,
};

/** @param input of the task named: `ThreadPool.run` has checked it by type. */
export function performTask<N extends TaskName>(
  task: N,
  input: unknown,
  context: TaskContext,
): Promise<unknown> {
  return handlers[task](input as TaskInput<N>, context);
}
