import type { Blocks } from '../blocks.ts';

/**
 * The scale on which contributions add up: the predicted value, the probability of class 1 (means of trees), or its
 * log odds (boosting and logistic regression: their probabilities do not add up).
 */
export const explanationSpaces = ['value', 'probability', 'logOdds'] as const;
export type ExplanationSpace = (typeof explanationSpaces)[number];

/**
 * Exact additive explanations of a model of one output: for each row, `baseValue` plus its contributions is what the
 * model gives before the link of its space, and before it is held to a range.
 */
export interface Explainer {
  space: ExplanationSpace;
  /** What the model gives where nothing is known of a row: its mean over the training rows, in `space`. */
  baseValue: number;
  /** Rows × columns, dense ones first, then codes. */
  contributions(blocks: Blocks): Float64Array;
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
