import type { Pipeline } from '../contracts/pipeline.ts';

/** A pipeline that says which of its row columns the fields of a review fill. */
export type ReviewPipeline = Extract<Pipeline, { task: 'multiclass' }> & {
  reviews: NonNullable<Extract<Pipeline, { task: 'multiclass' }>['reviews']>;
};

/** Those that score reviews, by name: the first of them that has a version in production does. */
export function reviewPipelines(pipelines: Iterable<Pipeline>): ReviewPipeline[] {
  return [...pipelines].filter(scoresReviews).sort((a, b) => (a.name < b.name ? -1 : 1));
}

export const scoresReviews = (pipeline: Pipeline): pipeline is ReviewPipeline =>
  pipeline.task === 'multiclass' && pipeline.reviews !== undefined;
