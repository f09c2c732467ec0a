import { z } from 'zod';
import type { Blocks } from '../blocks.ts';
import { type Explainer, type ExplanationSpace, storedWithoutRowCounts } from '../explain/explainer.ts';
import { addTreeContributions, forestMean } from '../explain/tree-shap.ts';
import type { FittedModel, Learner, Predictor } from '../learner.ts';
import type { SumOfTrees } from '../sum-of-trees.ts';
import { type BatchWalk, batchRows, createBatchWalk } from '../trees/batch-walk.ts';
import {
  addForest,
  checkForestInputs,
  type Forest,
  forestInputs,
  forestInputsSchema,
  forestSections,
  readCovers,
  readForest,
} from '../trees/predictor.ts';

/** How the sum of the trees becomes the answer. */
const outputSchema = z.enum(['identity', 'probability', 'sigmoid']);

const headSchema = z.strictObject({
  /** Added to the sum of the trees. */
  base: z.number(),
  output: outputSchema,
  inputs: forestInputsSchema,
});

export function createForestModel(job: {
  forest: Forest;
  covers: Int32Array;
  gains: Float64Array;
  blocks: Blocks;
  base: number;
  output: z.infer<typeof outputSchema>;
}): FittedModel {
  const { forest, covers, gains, blocks, base, output } = job;
  return {
    head: { base, output, inputs: forestInputs(blocks, gains) },
    sections: { ...forestSections(forest), covers },
  };
}

function loadForestModel(model: FittedModel): Predictor {
  const { base, output, inputs } = headSchema.parse(model.head);
  const forest = readForest(model.sections, inputs);
  const widths = { dense: inputs.dense.length, codes: inputs.codes.length };
  // Made for the first batch: most models that are loaded answer single rows.
  let batchWalk: BatchWalk | null | undefined;
  return {
    predict: (blocks) => {
      checkForestInputs(inputs, blocks);
      const sums = new Float64Array(blocks.rows).fill(base);
      if (blocks.rows >= batchRows && batchWalk === undefined) batchWalk = createBatchWalk(forest, widths);
      if (blocks.rows >= batchRows && batchWalk) batchWalk(blocks, sums);
      else addForest(forest, blocks, sums);
      switch (output) {
        case 'identity':
          return sums;
        case 'probability':
          // Rounding of a mean of shares may pass the ends by one unit in the last place.
          return sums.map((sum) => Math.min(1, Math.max(0, sum)));
        case 'sigmoid':
          return sums.map(sigmoid);
        default:
          return output satisfies never;
      }
    },
  };
}

const spaces: Readonly<Record<z.infer<typeof outputSchema>, ExplanationSpace>> = {
  identity: 'value',
  probability: 'probability',
  sigmoid: 'logOdds',
};

/**
 * The parts of a stored forest, its nodes weighed by their rows.
 * @throws NotExplainable for one that was stored without them
 */
export function weighedForestOf(model: FittedModel): SumOfTrees {
  const { base, output, inputs } = headSchema.parse(model.head);
  const forest = readForest(model.sections, inputs);
  const covers = readCovers(model.sections, forest);
  if (covers === null) throw storedWithoutRowCounts('forest');
  return { forest, covers, base, output, inputs };
}

function explainForestModel(model: FittedModel): Explainer {
  const { forest, covers, base, output, inputs } = weighedForestOf(model);
  return {
    space: spaces[output],
    baseValue: base + forestMean({ forest, covers }),
    contributions: (blocks) => {
      checkForestInputs(inputs, blocks);
      const contributions = new Float64Array(blocks.rows * (inputs.dense.length + inputs.codes.length));
      addTreeContributions({ forest, covers }, blocks, contributions);
      return contributions;
    },
  };
}

function forestImportances(model: FittedModel): { feature: string; importance: number }[] {
  const { dense, codes, gains } = headSchema.parse(model.head).inputs;
  return [...dense, ...codes].map((feature, i) => ({ feature, importance: gains[i] ?? 0 }));
}

/** What all learners have in common whose models `createForestModel` makes. */
export const forestLearner = {
  tasks: ['regression', 'binary'],
  reads: ['dense', 'codes'],
  load: loadForestModel,
  explainer: explainForestModel,
  sumOfTrees: weighedForestOf,
  importances: forestImportances,
} satisfies Omit<Learner, 'name' | 'params' | 'fit'>;

export function sigmoid(logOdds: number): number {
  if (logOdds >= 0) return 1 / (1 + Math.exp(-logOdds));
  const odds = Math.exp(logOdds);
  return odds / (1 + odds);
}
