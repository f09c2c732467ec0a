import { setCurrentDetails } from '@temporalio/workflow';
import type { CandidateResult, Evaluation } from '../contracts/activities.ts';
import type { RunRequest } from '../contracts/runs.ts';
import {
  buildRows,
  evaluateCandidate,
  loadData,
  registerModel,
  trainCandidate,
  validateData,
} from './activities.ts';

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

  describe('loading data');
  const snapshot = await loadData.executeWithOptions({ summary: request.source }, [
    { ...step, source: request.source },
  ]);
  describe('validating data');
  const { verdict, tables } = await validateData.executeWithOptions(
    { summary: `${snapshot.files.length} files of snapshot ${snapshot.id.slice(0, 12)}` },
    [{ ...step, snapshot }],
  );
  finished.push(`- validation: ${verdict}`);
  describe('building rows');
  const rows = await buildRows.executeWithOptions({ summary: `rows of ${pipeline}` }, [
    { ...step, snapshot, tables, parameters },
  ]);
  finished.push(`- rows: ${rows.report.trainRows} to train on, ${rows.report.holdOutRows} held out`);

  describe('training candidates');
  const train = async (candidate: string, variant: string | null): Promise<CandidateResult> => {
    const label = variant === null ? candidate : `${candidate} (variant ${variant})`;
    const result = await trainCandidate.executeWithOptions({ summary: label }, [
      { ...step, rows, candidate, variant, parameters, seed },
    ]);
    finished.push(`- ${label}: ${result.selectionScore.toFixed(4)} out of fold`);
    describe('training candidates');
    return result;
  };
  const [candidates, variants] = await Promise.all([
    Promise.all(request.candidates.map((candidate) => train(candidate, null))),
    Promise.all(request.variants.map(({ candidate, variant }) => train(candidate, variant))),
  ]);

  describe('evaluating the champion');
  const evaluation = await evaluateCandidate.executeWithOptions(
    { summary: `best of ${candidates.length} on ${rows.report.holdOutRows} held-out rows` },
    [{ ...step, rows, candidates, variants, parameters, seed }],
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
