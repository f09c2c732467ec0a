import type { Artifact } from '../artifact.ts';
import { type Frame, selectRows } from '../frame.ts';
import { featureFrame } from '../recipe/recipe.ts';
import { createScorer } from '../scorer.ts';
import { type Calibration, probabilityCalibration, valueCalibration } from './calibration.ts';
import { effectSizes } from './effect-sizes.ts';
import { type ExplanationSpace, NotExplainable } from './explainer.ts';
import { createExplain } from './explanation.ts';
import { sampleHoldOut, sampleRows } from './hold-out-sample.ts';
import { type PartialDependence, partialDependence } from './partial-dependence.ts';
import { type PermutationImportances, permutationImportances } from './permutation.ts';
import { fitSurrogate, type Surrogate, surrogateRows } from './surrogate.ts';

/** What a model does with the rows that were held out from it. Same model, rows and seed: the same to the bit. */
export type ModelExplanation = {
  holdOutRows: number;
  /** Of the metric that the champion was chosen by, its errors negated. */
  importances: ({ metric: string } & PermutationImportances) | null;
  /** Mean size of the contributions to single predictions; null where the learner has none. */
  contributions: {
    space: ExplanationSpace;
    baseValue: number;
    rows: number;
    features: readonly { feature: string; meanSize: number }[];
  } | null;
  calibration: Calibration;
  /** Of the features with the largest contributions; without contributions, of those that move the answers most. */
  partialDependence: readonly PartialDependence[];
  /** Null where the model reads no feature that a rule could be about. */
  surrogate: Surrogate | null;
};

/** Bounds that keep a run's explanation to a few seconds whatever its rows; samples are drawn by the run's seed. */
const bounds = {
  calibrationRows: 20_000,
  permutedRows: 1_000,
  repeats: 5,
  contributionRows: 200,
  dependenceRows: 200,
  dependenceFeatures: 6,
  surrogateFeatures: 8,
} as const;

/**
 * Explains a model of one output; yields between units of work, so that a driver may stop it there.
 * @param measure the metric of predictions for targets, higher is better; null where it is undefined
 */
export function* explainModel(job: {
  artifact: Artifact;
  holdOut: { frame: Frame; target: Float64Array };
  training: Frame;
  metric: string;
  measure: (target: Float64Array, predicted: Float64Array) => number | null;
  seed: number;
}): Generator<void, ModelExplanation, void> {
  const { artifact, holdOut, metric, measure, seed } = job;
  const { recipe, lookups } = artifact;
  const { scoreFrame } = createScorer(artifact);
  const drawHoldOut = sampleHoldOut(holdOut, seed);

  const calibrated = drawHoldOut('calibration', bounds.calibrationRows);
  const calibrate = artifact.task === 'binary' ? probabilityCalibration : valueCalibration;
  const calibration = calibrate(calibrated.target, scoreFrame(calibrated.frame));
  yield;

  const permuted = drawHoldOut('permutation', bounds.permutedRows);
  const importances = yield* permutationImportances({
    artifact,
    frame: permuted.frame,
    measure: (predicted) => measure(permuted.target, predicted),
    repeats: bounds.repeats,
    seed,
  });

  const contributions = meanContributions(
    artifact,
    drawHoldOut('contributions', bounds.contributionRows).frame,
  );
  yield;

  const featuresOf = (frame: Frame) => featureFrame({ fitted: recipe, frame, lookups });
  const drawn = featuresOf(drawHoldOut('dependence', bounds.dependenceRows).frame);
  const sizes = contributions?.features ?? (yield* effectSizes({ artifact, features: drawn, seed }));
  const ranked = sizes.map(({ feature }) => feature);
  const dependence = yield* partialDependence({
    artifact,
    features: drawn,
    names: ranked.slice(0, bounds.dependenceFeatures),
  });

  const fitting = sampleRows(seed, {
    purpose: 'surrogate',
    from: job.training.rows,
    count: surrogateRows,
  });
  const fittedOn = selectRows(job.training, fitting);
  const surrogate =
    ranked.length === 0
      ? null
      : fitSurrogate({
          artifact,
          names: ranked.slice(0, bounds.surrogateFeatures),
          training: { features: featuresOf(fittedOn), predicted: scoreFrame(fittedOn) },
          holdOut: { features: featuresOf(calibrated.frame), predicted: scoreFrame(calibrated.frame) },
          seed,
        });
  return {
    holdOutRows: holdOut.frame.rows,
    importances: importances === null ? null : { metric, ...importances },
    contributions,
    calibration,
    partialDependence: dependence,
    surrogate,
  };
}

function meanContributions(artifact: Artifact, frame: Frame): ModelExplanation['contributions'] {
  try {
    const explanations = createExplain(artifact).explainFrame(frame);
    const [first] = explanations;
    if (first === undefined) return null;
    const sums = new Map<string, number>();
    for (const { contributions } of explanations) {
      for (const { feature, contribution } of contributions) {
        sums.set(feature, (sums.get(feature) ?? 0) + Math.abs(contribution));
      }
    }
    const features = [...sums]
      .map(([feature, sum]) => ({ feature, meanSize: sum / explanations.length }))
      .sort((a, b) => b.meanSize - a.meanSize);
    return { space: first.space, baseValue: first.baseValue, rows: explanations.length, features };
  } catch (error) {
    if (error instanceof NotExplainable) return null;
    throw error;
  }
}
