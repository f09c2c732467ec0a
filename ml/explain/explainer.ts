import type { Blocks } from '../blocks.ts';

/**
 * The scale on which contributions add up: the predicted value, the probability of class 1 (means of trees), its
 * log odds (boosting and logistic regression: their probabilities do not add up), or, of more than two classes, the
 * score of one less the mean of all, of which softmax makes probabilities.
 */
export const explanationSpaces = ['value', 'probability', 'logOdds', 'score'] as const;
export type ExplanationSpace = (typeof explanationSpaces)[number];

/**
 * Exact additive explanations of one output of a model: for each row, `baseValue` plus its contributions is what the
 * model gives before the link of its space, and before it is held to a range.
 */
export interface Explainer {
  space: ExplanationSpace;
  /** What the model gives where nothing is known of a row, in `space`: its mean over the training rows, of texts what it
   * gives of one without known terms. */
  baseValue: number;
  /** Rows × columns, dense ones first, then codes. */
  contributions(blocks: Blocks): Float64Array;
  /** Of each entry of the sparse block; absent where it reads none. */
  sparseContributions?(blocks: Blocks): Float64Array;
}

/** Thrown for a model whose predictions have no additive explanation, or that lacks what one needs. */
export class NotExplainable extends Error {
  override readonly name = 'NotExplainable';
}

/** What a model says that was stored before row counts were. */
export function storedWithoutRowCounts(learner: string): NotExplainable {
  return new NotExplainable(
    `this ${learner} was stored without the row counts of its nodes, which explanations need; train a new version`,
  );
}
