import { ActivityFailure, ApplicationFailure, patched, setCurrentDetails } from '@temporalio/workflow';
import type { CandidateResult, Evaluation, TopicsResult } from '../contracts/activities.ts';
import type { PermanentFailureType } from '../contracts/activity-profiles.ts';
import type { RunRequest } from '../contracts/runs.ts';
import { evaluateCandidate, registerModel, trainCandidate, trainTopics } from './activities.ts';
import { prepareRows } from './prepare-rows.ts';

export type TrainedModel = { version: number; champion: string; metrics: Evaluation['metrics'] };

/** From a source to a registered version. Which candidate is the champion is decided by `evaluateCandidate`. */
export async function trainModel(request: RunRequest): Promise<TrainedModel> {
  const { runId, pipeline, parameters, seed } = request;
  const step = { runId, pipeline };
  const finished: string[] = [];
  const describe = (stage: string) =>
    setCurrentDetails(
      [`**${pipeline}** · ${stage}`, '', `source \`${request.source}\`, seed ${seed}`, '', ...finished].join(
        '\n',
      ),
    );

  const { snapshot, rows } = await prepareRows(request, { finished, describe });

  describe('training candidates');
  const train = async (candidate: string, variant: string | null): Promise<Trained> => {
    const label = variant === null ? candidate : `${candidate} (variant ${variant})`;
    try {
      const result = await trainCandidate.executeWithOptions({ summary: label }, [
        { ...step, rows, candidate, variant, parameters, seed },
      ]);
      finished.push(`- ${label}: ${result.selectionScore.toFixed(4)} out of fold`);
      return { result };
    } catch (error) {
      const refusal = refusalOfLearner(error);
      // Before, one candidate that its learner refused failed the whole run.
      if (refusal === null || !patched('refused-candidates')) throw error;
      finished.push(`- ${label} is left out: ${refusal}`);
      return { refusal: error };
    } finally {
      describe('training candidates');
    }
  };
  const learnTopics = async (): Promise<TopicsResult | undefined> => {
    try {
      const topics = await trainTopics.executeWithOptions({ summary: 'topics' }, [
        { ...step, rows, parameters, seed },
      ]);
      finished.push(
        `- ${topics.topics} topics by ${topics.method}: NPMI ${topics.coherence.npmi.toFixed(4)}`,
      );
      return topics;
    } catch (error) {
      const refusal = refusalOfLearner(error);
      if (refusal === null) throw error;
      // The classes are what the version is for; its step says why it has no topics.
      finished.push(`- topics are left out: ${refusal}`);
      return undefined;
    } finally {
      describe('training candidates');
    }
  };
  const [trained, trainedVariants, topics] = await Promise.all([
    Promise.all(request.candidates.map((candidate) => train(candidate, null))),
    Promise.all(request.variants.map(({ candidate, variant }) => train(candidate, variant))),
    request.topics === true ? learnTopics() : undefined,
  ]);
  const candidates = resultsOf(trained);
  const variants = resultsOf(trainedVariants);
  if (candidates.length === 0) throw firstRefusal(trained);

  describe('evaluating the champion');
  const evaluation = await evaluateCandidate.executeWithOptions(
    { summary: `best of ${candidates.length} on ${rows.report.holdOutRows} held-out rows` },
    [{ ...step, rows, candidates, variants, parameters, seed, ...(topics === undefined ? {} : { topics }) }],
  );
  const champion = evaluation.champion.candidate;
  finished.push(`- champion: **${champion}**`);
  describe('registering the version');
  const { version } = await registerModel.executeWithOptions({ summary: champion }, [
    { ...step, snapshot, rows, evaluation, parameters, seed },
  ]);
  describe(`registered as version ${version}`);
  return { version, champion, metrics: evaluation.metrics };
}

/** What came of a candidate. One that its learner refused is left out: its step says why, and the others go on. */
type Trained = { result: CandidateResult } | { refusal: unknown };

const resultsOf = (trained: readonly Trained[]): CandidateResult[] =>
  trained.flatMap((one) => ('result' in one ? [one.result] : []));

function firstRefusal(trained: readonly Trained[]): unknown {
  for (const one of trained) if ('refusal' in one) return one.refusal;
  return ApplicationFailure.nonRetryable('the run asks for no candidate', 'NotFound');
}

/** What a learner says against its rows or parameters, which no other attempt would change; null for any other error. */
function refusalOfLearner(error: unknown): string | null {
  if (!(error instanceof ActivityFailure && error.cause instanceof ApplicationFailure)) return null;
  const { type, message } = error.cause;
  return type === ('LearnerFailed' satisfies PermanentFailureType) ? message : null;
}
