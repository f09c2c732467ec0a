import type { Blocks } from '../ml/blocks.ts';
import type { Frame } from '../ml/frame.ts';
import type { FittedModel, Learner, Predictor, Progress, Task } from '../ml/learner.ts';
import { findLearner } from '../ml/learners/registry.ts';
import type { LookupTable } from '../ml/recipe/lookups.ts';
import { type FittedRecipe, fitTransform, transform } from '../ml/recipe/recipe.ts';
import type { RecipeSpec } from '../ml/recipe/spec.ts';
import { type Cores, HelperLost } from '../ml/trees/crew.ts';
import type { TaskContext } from './context.ts';
import { LearnerFailed, TaskCancelled } from './errors.ts';
import type { CoreLender } from './lend-cores.ts';
import type { FittedCandidate } from './tasks.ts';

export type FitJob = {
  task: Task;
  classes: number;
  recipe: RecipeSpec;
  candidate: FittedCandidate;
  frame: Frame;
  lookups: readonly LookupTable[];
  target: Float64Array;
  /** One a row; absent for equal weights. */
  weights?: Float64Array | undefined;
  seed: number;
};
export type Fitted = { learner: Learner; recipe: FittedRecipe; model: FittedModel; predictor: Predictor };

export type FitContext = Pick<TaskContext, 'cores' | 'throwIfCancelled'>;

/** A report to the pool is a message; more than this many a second would only slow the fit. */
const reportEveryMs = 200;

/**
 * Fits recipe and learner on the rows given, stopping between the learner's units of work where cancelled.
 * @param report shares of this fit done, 0 to 1
 * @throws LearnerFailed where recipe or learner refuse their rows or parameters; TaskCancelled
 */
export async function fitModel(
  job: FitJob,
  context: FitContext,
  report: (share: number) => void,
): Promise<Fitted> {
  const { task, classes, candidate, frame, lookups, target, weights, seed } = job;
  try {
    const learner = findLearner(candidate.learner);
    const params = learner.params.parse(candidate.params);
    const { fitted, blocks } = fitTransform({
      spec: job.recipe,
      frame,
      lookups,
      ...(task === 'clustering' ? {} : { target }),
      seed,
    });
    const weighed = weights === undefined ? {} : { weights };
    const training = { task, blocks, target, classes, seed, ...weighed };
    const fitWith = (cores?: Cores) =>
      runSteps(learner.fit({ ...training, cores }, params), { context, report });
    const model = fitOutlivingHelpers(fitWith, context.cores);
    return { learner, recipe: fitted, model, predictor: learner.load(model) };
  } catch (error) {
    if (error instanceof TaskCancelled) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new LearnerFailed(`${candidate.learner}: ${reason}`, { cause: error });
  }
}

/** A helper's death, as of too little memory, says nothing against the learner: the fit begins again on its own. */
function fitOutlivingHelpers(
  fitWith: (cores?: Cores) => FittedModel,
  cores: CoreLender | undefined,
): FittedModel {
  try {
    return fitWith(cores);
  } catch (error) {
    if (!(error instanceof HelperLost)) throw error;
  } finally {
    cores?.takeBack();
  }
  return fitWith();
}

/** Runs units of work one after another. @throws TaskCancelled between two of them */
export function runSteps<T>(
  steps: Generator<Progress, T, void>,
  { context, report }: { context: Pick<TaskContext, 'throwIfCancelled'>; report: (share: number) => void },
): T {
  let reportedMs = performance.now();
  for (;;) {
    context.throwIfCancelled();
    const step = steps.next();
    if (step.done === true) return step.value;
    const nowMs = performance.now();
    if (nowMs - reportedMs < reportEveryMs) continue;
    reportedMs = nowMs;
    report(step.value.done / step.value.total);
  }
}

export function predict(fitted: Fitted, frame: Frame, lookups: readonly LookupTable[]): Float64Array {
  const blocks: Blocks = transform({ fitted: fitted.recipe, frame, lookups });
  return fitted.predictor.predict(blocks);
}
