import type { Artifact } from '../artifact.ts';
import { type Frame, selectColumn } from '../frame.ts';
import { createRandom, deriveSeed, shuffle } from '../random.ts';
import { mean, sampleVariance } from '../sample.ts';
import { createScorer } from '../scorer.ts';

export type PermutationImportances = {
  rows: number;
  repeats: number;
  /** The score of the rows as they are; higher is better. */
  score: number;
  /** The largest fall first. */
  inputs: readonly {
    input: string;
    /** Mean over the repeats of what the score loses. */
    fall: number;
    /** Standard deviation over the repeats. */
    spread: number;
  }[];
};

/**
 * What the score loses where an input of the rows is shuffled among them (Breiman, 2001; Fisher, Rudin and Dominici,
 * 2019): all features made from it, and the as-of values looked up by it, go with it. Null where the rows leave the
 * score undefined. Inputs that say the same stand in for one another, and each then looks unimportant.
 *
 * @param measure the score of predictions for the frame's rows, higher is better
 */
export function* permutationImportances(options: {
  artifact: Artifact;
  frame: Frame;
  measure: (predicted: Float64Array) => number | null;
  repeats: number;
  seed: number;
}): Generator<void, PermutationImportances | null, void> {
  const { artifact, frame, measure, repeats, seed } = options;
  const { scoreFrame } = createScorer(artifact);
  const score = measure(scoreFrame(frame));
  if (score === null) return null;
  const inputs: { input: string; fall: number; spread: number }[] = [];
  for (const { name } of artifact.recipe.inputs) {
    const together = columnsOfInput(artifact, frame, name);
    const falls: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const random = createRandom(deriveSeed(seed, `permute ${name} ${repeat}`));
      const order = shuffle(
        Int32Array.from({ length: frame.rows }, (_, row) => row),
        random,
      );
      const columns = new Map(frame.columns);
      for (const column of together) {
        const values = frame.columns.get(column);
        if (values !== undefined) columns.set(column, selectColumn(values, order));
      }
      const permuted = measure(scoreFrame({ rows: frame.rows, columns }));
      if (permuted !== null) falls.push(score - permuted);
      yield;
    }
    if (falls.length > 0) inputs.push({ input: name, ...meanAndSpread(falls) });
  }
  return { rows: frame.rows, repeats, score, inputs: inputs.sort((a, b) => b.fall - a.fall) };
}

/** An as-of column goes before the look-up table, so it must be shuffled with its key. */
function columnsOfInput({ recipe }: Artifact, frame: Frame, input: string): readonly string[] {
  const lookups = new Set(recipe.lookups.filter(({ key }) => key === input).map(({ name }) => name));
  const asOf = recipe.features.flatMap((step) =>
    step.step === 'lookup' && lookups.has(step.lookup) && frame.columns.has(step.as) ? [step.as] : [],
  );
  return [input, ...asOf];
}

function meanAndSpread(falls: readonly number[]): { fall: number; spread: number } {
  return { fall: mean(falls), spread: falls.length < 2 ? 0 : Math.sqrt(sampleVariance(falls)) };
}
