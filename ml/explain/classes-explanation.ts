import type { Artifact } from '../artifact.ts';
import type { Frame } from '../frame.ts';
import { createScorer } from '../scorer.ts';
import { type Calibration, probabilityCalibration } from './calibration.ts';
import { NotExplainable } from './explainer.ts';
import { createExplain, type Explain } from './explanation.ts';
import { sampleHoldOut } from './hold-out-sample.ts';
import { type PermutationImportances, permutationImportances } from './permutation.ts';

/**
 * What moves a model of more than two classes, on rows that were held out from it. Same model, rows and seed: the same
 * to the bit.
 */
export type ClassesExplanation = {
  holdOutRows: number;
  /** Of the metric that the champion was chosen by, its errors negated. */
  importances: ({ metric: string } & PermutationImportances) | null;
  /** In the order of the declaration. */
  classes: readonly ClassExplanation[];
};

export type ClassExplanation = {
  label: string;
  /** To the score of the class less the mean of all; null where the learner has none. */
  contributions: {
    rows: number;
    baseValue: number;
    features: readonly { feature: string; meanSize: number }[];
    /** Those that add most to the score over all rows, and those that take most; null where no text is read. */
    words: { for: readonly WordEffect[]; against: readonly WordEffect[] } | null;
  } | null;
  /** Of the probability of the class. */
  calibration: Calibration;
};

export type WordEffect = {
  feature: string;
  word: string;
  /** Those that hold it. */
  rows: number;
  /** Mean of what it adds to the score in these rows. */
  contribution: number;
  /** Mean over all rows: what the words are ranked by, so that a word of one text does not come first. */
  effect: number;
};

/** Bounds that keep a run's explanation to a few seconds whatever its rows; samples are drawn by the run's seed. */
const bounds = {
  calibrationRows: 20_000,
  permutedRows: 1_000,
  repeats: 5,
  contributionRows: 500,
  wordsTold: 20,
} as const;

/**
 * Explains a model of several classes; yields between units of work, so that a driver may stop it there.
 * @param job.holdOut.target the index of each row's class
 * @param job.measure the metric of predictions for targets, higher is better; null where it is undefined
 */
export function* explainClasses(job: {
  artifact: Artifact;
  holdOut: { frame: Frame; target: Float64Array };
  metric: string;
  measure: (target: Float64Array, predicted: Float64Array) => number | null;
  seed: number;
}): Generator<void, ClassesExplanation, void> {
  const { artifact, holdOut, metric, measure, seed } = job;
  const labels = artifact.classes ?? [];
  const draw = sampleHoldOut(holdOut, seed);

  const calibrated = draw('calibration', bounds.calibrationRows);
  const probabilities = createScorer(artifact).scoreFrame(calibrated.frame);
  yield;

  const permuted = draw('permutation', bounds.permutedRows);
  const importances = yield* permutationImportances({
    artifact,
    frame: permuted.frame,
    measure: (predicted) => measure(permuted.target, predicted),
    repeats: bounds.repeats,
    seed,
  });

  const explain = explainOf(artifact);
  const explained = draw('contributions', bounds.contributionRows).frame;
  const classes: ClassExplanation[] = [];
  for (const [output, label] of labels.entries()) {
    classes.push({
      label,
      contributions: explain === null ? null : meanContributions(explain, explained, output),
      calibration: probabilityCalibration(
        calibrated.target.map((index) => (index === output ? 1 : 0)),
        calibrated.target.map((_, row) => probabilities[row * labels.length + output] as number),
      ),
    });
    yield;
  }
  return {
    holdOutRows: holdOut.frame.rows,
    importances: importances === null ? null : { metric, ...importances },
    classes,
  };
}

function explainOf(artifact: Artifact): Explain | null {
  try {
    return createExplain(artifact);
  } catch (error) {
    if (error instanceof NotExplainable) return null;
    throw error;
  }
}

function meanContributions(
  explain: Explain,
  frame: Frame,
  output: number,
): ClassExplanation['contributions'] {
  const explanations = explain.explainFrame(frame, output);
  const [first] = explanations;
  if (first === undefined) return null;
  const rows = explanations.length;
  const sizes = new Map<string, number>();
  const words = new Map<string, { feature: string; word: string; rows: number; sum: number }>();
  for (const one of explanations) {
    for (const { feature, contribution } of one.contributions)
      sizes.set(feature, (sizes.get(feature) ?? 0) + Math.abs(contribution));
    for (const { feature, word, contribution } of one.words ?? []) {
      const key = JSON.stringify([feature, word]);
      const before = words.get(key) ?? { feature, word, rows: 0, sum: 0 };
      words.set(key, { ...before, rows: before.rows + 1, sum: before.sum + contribution });
    }
  }
  const effects = [...words.values()].map(({ sum, ...word }) => ({
    ...word,
    contribution: sum / word.rows,
    effect: sum / rows,
  }));
  return {
    rows,
    baseValue: first.baseValue,
    features: [...sizes]
      .map(([feature, sum]) => ({ feature, meanSize: sum / rows }))
      .sort((a, b) => b.meanSize - a.meanSize),
    words: first.words === undefined ? null : { for: heaviest(effects, 1), against: heaviest(effects, -1) },
  };
}

/** Those whose effect has the sign, the greatest first; of equal ones the first in the alphabet. */
const heaviest = (effects: readonly WordEffect[], sign: 1 | -1): WordEffect[] =>
  effects
    .filter(({ effect }) => effect * sign > 0)
    .sort((a, b) => sign * (b.effect - a.effect) || (a.word < b.word ? -1 : 1))
    .slice(0, bounds.wordsTold);
