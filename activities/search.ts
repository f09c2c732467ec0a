import type { SearchActivities } from '../contracts/activities.ts';
import type { RunId, Sha256 } from '../contracts/ids.ts';
import { rivalsOf } from '../contracts/race.ts';
import {
  type ParameterPlan,
  type Searched,
  type SearchResult,
  standardErrorMetric,
} from '../contracts/search.ts';
import { recordArtifacts } from '../db/queries/runs.ts';
import {
  cancelOpenTrials,
  findTrial,
  listTrials,
  recordTrial,
  startTrial,
  stopTrials,
  type TrialRow,
} from '../db/queries/trials.ts';
import { survivorsOf } from '../ml/search/halving.ts';
import { trialOf } from '../ml/search/trials.ts';
import { settingsSnippet } from '../pipelines/settings-snippet.ts';
import { LearnerFailed } from '../threads/errors.ts';
import { chooseChampion } from './champion.ts';
import { candidateOf } from './declared.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { declarationOfRun } from './pipeline-of-run.ts';
import { jsonFile, putRunFiles } from './run-files.ts';
import { createStep } from './step.ts';
import { recipeOfRows } from './task-inputs.ts';
import { hashOfTrials, refusalOf, traceOf } from './trial-trace.ts';

type Input<A extends keyof SearchActivities> = Parameters<SearchActivities[A]>[0];

export function createSearchActivities(deps: ActivityDependencies): SearchActivities {
  const { db, store, threads } = deps;
  const step = createStep(deps);
  /** All of them have ended before this trial was begun, so it is the same in every attempt. */
  const findRival = async (runId: RunId, plan: ParameterPlan, number: number): Promise<Sha256 | null> => {
    const rivals = new Set(rivalsOf(number, plan.candidates.length));
    const scored = (await listTrials(db, runId)).filter(
      (trial) => rivals.has(trial.number) && trial.status === 'scored' && trial.selectionScore !== null,
    );
    const [best] = scored.toSorted(
      (a, b) => (b.selectionScore ?? 0) - (a.selectionScore ?? 0) || a.number - b.number,
    );
    return best?.predictionsSha256 ?? null;
  };

  return {
    runTrial: step(
      'runTrial',
      async (input: Input<'runTrial'>, { signal, report: onProgress, record }) => {
        const { runId, plan, rung, rows } = input;
        const trial = trialOf(plan, input.seed, input.trial);
        const { number } = trial;
        const to = plan.rungs[rung];
        const of = plan.rungs.at(-1);
        if (to === undefined || of === undefined) throw new RangeError(`the search has no rung ${rung}`);
        const before = await findTrial(db, runId, number);
        // A worker may have died after it recorded the trial and before it told Temporal.
        if (before?.rung === rung && before.status !== 'running')
          return { selectionScore: before.selectionScore };
        const pipeline = await declarationOfRun(deps, input);
        const { candidate } = candidateOf(pipeline, trial.candidate, null);
        await record((tx) => startTrial(tx, runId, trial));
        try {
          const { selectionScore, standardError, metrics, predictions, ...measured } = await threads.run(
            'runTrial',
            {
              pipeline,
              recipe: recipeOfRows(pipeline, { candidate: trial.candidate, rows }),
              candidate: { ...candidate, params: trial.params },
              rows,
              seeds: { trial: trial.seed, folds: input.seed },
              folds: { from: before?.folds ?? 0, to, of },
              earlier: before?.predictionsSha256 ?? null,
              rival: plan.earlyStop === true ? await findRival(runId, plan, number) : null,
            },
            { signal, onProgress },
          );
          await record((tx) =>
            recordTrial(tx, {
              runId,
              number,
              status: measured.isStopped ? 'stopped' : 'scored',
              rung,
              folds: measured.folds,
              selectionScore,
              metrics: {
                ...metrics,
                ...(standardError === null ? {} : { [standardErrorMetric]: standardError }),
              },
              predictionsSha256: predictions,
              seconds: measured.seconds,
            }),
          );
          return { selectionScore };
        } catch (error) {
          const refusal = refusalOf(error);
          if (refusal === null) throw error;
          await record((tx) =>
            recordTrial(tx, {
              runId,
              number,
              status: 'refused',
              rung,
              selectionScore: null,
              message: refusal,
              seconds: 0,
            }),
          );
          return { selectionScore: null };
        }
      },
      ({ trial, rung }) => `${trial}@${rung}`,
    ),

    judgeTrials: step(
      'judgeTrials',
      async ({ runId, rung }: Input<'judgeTrials'>, { record }) => {
        const measured = (await listTrials(db, runId)).filter((trial) => trial.rung === rung);
        const survivors = survivorsOf(
          measured.map(({ number, selectionScore }) => ({ number, score: selectionScore })),
        );
        const rest = measured.map(({ number }) => number).filter((number) => !survivors.includes(number));
        await record((tx) => stopTrials(tx, runId, rest));
        return { survivors };
      },
      ({ rung }) => String(rung),
    ),

    concludeSearch: step('concludeSearch', async (input: Input<'concludeSearch'>, { record }) => {
      const { runId } = input;
      const pipeline = await declarationOfRun(deps, input);
      const trials = await listTrials(db, runId);
      const result = conclude(pipeline, trials);
      const files = await putRunFiles(store, runId, [
        jsonFile('trials.json', trials.map(traceOf)),
        {
          name: 'settings.yaml',
          mediaType: 'application/yaml',
          content: settingsSnippet(pipeline.name, result.winner),
        },
      ]);
      await record(async (tx) => {
        await cancelOpenTrials(tx, runId);
        await recordArtifacts(tx, files);
      });
      return result;
    }),
  };
}

/** @throws LearnerFailed where no trial has a score */
function conclude(pipeline: Parameters<typeof candidateOf>[0], trials: readonly TrialRow[]): SearchResult {
  const scored = trials.flatMap((trial): (Searched & { folds: number })[] => {
    const { number, candidate, params, selectionScore, metrics, folds } = trial;
    if (selectionScore === null || metrics === null) return [];
    const { learner } = candidateOf(pipeline, candidate, null).candidate;
    return [{ trial: number, candidate, learner, params, selectionScore, metrics, folds }];
  });
  if (scored.length === 0) {
    const refusal = trials.find(({ message }) => message !== null)?.message;
    throw new LearnerFailed(refusal ?? `none of the ${trials.length} trials has a score`);
  }
  const count = (status: TrialRow['status']): number =>
    trials.filter((trial) => trial.status === status).length;
  const candidates = [...new Set(scored.map(({ candidate }) => candidate))];
  const all = Math.max(...trials.map(({ folds }) => folds));
  return {
    winner: bestOf(pipeline, scored),
    best: candidates.map((name) =>
      bestOf(
        pipeline,
        scored.filter(({ candidate }) => candidate === name),
      ),
    ),
    scored: trials.filter(({ status, folds }) => status === 'scored' && folds === all).length,
    stopped: count('stopped'),
    refused: count('refused'),
    sha256: hashOfTrials(trials),
  };
}

/** Of the trials measured on most folds: fewer are another yardstick. */
function bestOf(
  { candidates, selection }: Parameters<typeof candidateOf>[0],
  scored: readonly (Searched & { folds: number })[],
): Searched {
  const most = Math.max(...scored.map(({ folds }) => folds));
  const { folds: _, ...best } = chooseChampion(
    scored.filter(({ folds }) => folds === most),
    { declared: Object.keys(candidates), tieBreak: selection.tieBreak },
  );
  return best;
}
