import type { FeatureSearchActivities, FeatureTrial, StepInput } from '../contracts/activities.ts';
import type { FeaturePlan, Generated, SearchResult } from '../contracts/search.ts';
import { recordArtifacts } from '../db/queries/runs.ts';
import {
  cancelOpenTrials,
  findTrial,
  listTrials,
  recordGains,
  recordTrial,
  startTrial,
  type TrialRow,
} from '../db/queries/trials.ts';
import { deriveSeed } from '../ml/random.ts';
import type { GeneratedStep } from '../ml/recipe/spec.ts';
import { forwardRule, type Gain, neededErrors, passing } from '../ml/search/forward.ts';
import { withGenerated } from '../ml/search/proposals.ts';
import { featuresSnippet } from '../pipelines/features-snippet.ts';
import { LearnerFailed } from '../threads/errors.ts';
import { candidateOf } from './declared.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { declarationOfRun } from './pipeline-of-run.ts';
import { jsonFile, putRunFiles } from './run-files.ts';
import { createStep } from './step.ts';
import { recipeOfRows } from './task-inputs.ts';
import { hashOfTrials, refusalOf, traceOf } from './trial-trace.ts';

type Input<A extends keyof FeatureSearchActivities> = Parameters<FeatureSearchActivities[A]>[0];

/** Activities of a search that generates features for one candidate. */
export function createFeatureSearchActivities(deps: ActivityDependencies): FeatureSearchActivities {
  const { db, store, threads } = deps;
  const step = createStep(deps);
  const basisOf = async (input: Input<'proposeFeatures'> | Input<'tryFeatures'>) => {
    const pipeline = await declarationOfRun(deps, input);
    const searched = searchedOf(input.plan);
    const { candidate } = candidateOf(pipeline, searched.candidate, null);
    const recipe = recipeOfRows(pipeline, { candidate: searched.candidate, rows: input.rows });
    return { pipeline, searched, candidate: { ...candidate, params: searched.params }, recipe };
  };
  /** @throws LearnerFailed for a trial that has none */
  const predictionsOf = async (runId: StepInput['runId'], number: number) => {
    const found = await findTrial(db, runId, number);
    const predictions = found?.predictionsSha256 ?? null;
    if (predictions === null) throw new LearnerFailed(`trial ${number} was not measured`);
    return { predictions, confirms: found?.features?.confirms === true };
  };

  return {
    tryFeatures: step(
      'tryFeatures',
      async (input: Input<'tryFeatures'>, { signal, report: onProgress, record }) => {
        const { runId, rows, plan, trial } = input;
        const { number } = trial;
        const before = await findTrial(db, runId, number);
        // A worker may have died after it recorded the trial and before it told Temporal.
        if (before !== null && before.status !== 'running') return { selectionScore: before.selectionScore };
        const { pipeline, searched, candidate, recipe } = await basisOf(input);
        const folds = foldsOf(plan, input.seed, trial.confirms);
        // The same for all trials on the same folds: what they differ by is their features alone.
        const seed = deriveSeed(folds.seed, 'features');
        await record((tx) =>
          startTrial(tx, runId, { number, ...searched, seed, features: describeTrial(trial) }),
        );
        try {
          const { selectionScore, metrics, predictions, seconds } = await threads.run(
            'runTrial',
            {
              pipeline,
              recipe: withGenerated(recipe, trial.features),
              candidate,
              rows,
              seeds: { trial: seed, folds: folds.seed },
              folds: { from: 0, to: folds.count, of: folds.count },
              earlier: null,
              rival: null,
            },
            { signal, onProgress },
          );
          await record((tx) =>
            recordTrial(tx, {
              runId,
              number,
              status: 'scored',
              rung: 0,
              folds: folds.count,
              selectionScore,
              metrics,
              predictionsSha256: predictions,
              seconds,
            }),
          );
          return { selectionScore };
        } catch (error) {
          const message = refusalOf(error);
          // Without the candidate as it is there is nothing that a feature could add to.
          if (message === null || trial.tried === null) throw error;
          await record((tx) =>
            recordTrial(tx, { runId, number, status: 'refused', rung: 0, message, seconds: 0 }),
          );
          return { selectionScore: null };
        }
      },
      ({ trial }) => String(trial.number),
    ),

    proposeFeatures: step(
      'proposeFeatures',
      async (input: Input<'proposeFeatures'>, { signal, report: onProgress }) => {
        const { runId, rows, plan, seed } = input;
        const { pipeline, recipe } = await basisOf(input);
        const { predictions } = await predictionsOf(runId, input.base);
        const { proposals, made } = await threads.run(
          'rankFeatures',
          {
            pipeline,
            recipe,
            rows,
            folds: foldsOf(plan, seed, false),
            base: predictions,
            most: plan.generate.proposals,
            seed,
          },
          { signal, onProgress },
        );
        return { proposals, made, needed: neededErrors(made) };
      },
    ),

    judgeFeatures: step(
      'judgeFeatures',
      async (input: Input<'judgeFeatures'>, { signal, report: onProgress, record }) => {
        const { runId, rows, plan, seed, needed } = input;
        const base = await predictionsOf(runId, input.base);
        const trials = (await listTrials(db, runId)).flatMap(({ number, predictionsSha256 }) =>
          input.trials.includes(number) && predictionsSha256 !== null
            ? [{ number, predictions: predictionsSha256 }]
            : [],
        );
        const { gains } = await threads.run(
          'compareTrials',
          {
            pipeline: await declarationOfRun(deps, input),
            rows,
            folds: foldsOf(plan, seed, base.confirms),
            base: base.predictions,
            trials,
            seed,
          },
          { signal, onProgress },
        );
        await record((tx) => recordGains(tx, runId, gains));
        const numbers = (of: readonly Gain[]) => of.map(({ number }) => number);
        return {
          passed: numbers(passing(gains, needed ?? forwardRule.least)),
          gaining: numbers(gains.filter(({ gain }) => gain > 0)),
        };
      },
      ({ trials }) => `${Math.min(...trials)}-${Math.max(...trials)}`,
    ),

    concludeFeatures: step('concludeFeatures', async (input: Input<'concludeFeatures'>, { record }) => {
      const { runId } = input;
      const pipeline = await declarationOfRun(deps, input);
      const trials = await listTrials(db, runId);
      const result = conclude(pipeline, trials, input);
      const files = await putRunFiles(store, runId, [
        jsonFile('trials.json', trials.map(traceOf)),
        jsonFile('features.json', result.generated),
        {
          name: 'features.yaml',
          mediaType: 'application/yaml',
          content: featuresSnippet(pipeline, result),
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

/** Folds by which a gain is confirmed are one more, and dealt by another seed: in time it is the one more that counts. */
function foldsOf({ rungs }: FeaturePlan, seed: number, confirms: boolean): { count: number; seed: number } {
  const count = rungs.at(-1);
  if (count === undefined) throw new RangeError('the search has no folds');
  return confirms ? { count: count + 1, seed: deriveSeed(seed, 'other folds') } : { count, seed };
}

function searchedOf({ candidates }: FeaturePlan): FeaturePlan['candidates'][number] {
  const [searched] = candidates;
  if (searched === undefined) throw new RangeError('the search has no candidate');
  return searched;
}

const describeTrial = ({ round, features, tried, confirms }: FeatureTrial) => ({
  round,
  features: features.map(({ as }) => as),
  tried,
  confirms,
  gain: null,
});

/** @throws LearnerFailed where the candidate as declared has no score */
function conclude(
  pipeline: Parameters<typeof candidateOf>[0],
  trials: readonly TrialRow[],
  input: Input<'concludeFeatures'>,
): SearchResult & { generated: Generated } {
  const best = trials.find(({ number }) => number === input.winner);
  if (best === undefined || best.selectionScore === null || best.metrics === null)
    throw new LearnerFailed(best?.message ?? 'the candidate as declared has no score');
  const { number, candidate, params, selectionScore, metrics } = best;
  const { learner } = candidateOf(pipeline, candidate, null).candidate;
  const winner = { trial: number, candidate, learner, params, selectionScore, metrics };
  const count = (status: TrialRow['status']): number =>
    trials.filter((trial) => trial.status === status).length;
  const features = input.proposals.flatMap((proposal) => becameOf(proposal, trials, input.kept) ?? []);
  return {
    winner,
    best: [winner],
    scored: count('scored'),
    stopped: 0,
    refused: count('refused'),
    sha256: hashOfTrials(trials),
    generated: {
      made: input.made,
      tried: features.length,
      needed: input.needed,
      confirmed: forwardRule.least,
      features,
    },
  };
}

/**
 * By its last trial of each kind: an earlier one was beside fewer features. Null for one that the end of the time left
 * without a trial.
 */
function becameOf(
  step: GeneratedStep,
  trials: readonly TrialRow[],
  kept: readonly GeneratedStep[],
): Generated['features'][number] | null {
  const own = trials.flatMap(({ number, features }) =>
    features?.tried === step.as ? [{ number, ...features }] : [],
  );
  const last = own.findLast(({ confirms }) => !confirms);
  if (last === undefined) return null;
  return {
    step,
    round: last.round,
    trial: last.number,
    gain: last.gain,
    confirmation: own.findLast(({ confirms }) => confirms)?.gain ?? null,
    kept: kept.some(({ as }) => as === step.as),
  };
}
