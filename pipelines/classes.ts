import type { ModelPart } from '../contracts/declaration-parts.ts';

/** The class names in the order of a learner's classes; null without classes. */
export function classesOf(pipeline: ModelPart): readonly string[] | null {
  switch (pipeline.task) {
    case 'binary':
      return [pipeline.target.negative, pipeline.target.positive];
    case 'multiclass':
      return pipeline.target.classes;
    case 'regression':
    case 'clustering':
      return null;
    default:
      return pipeline satisfies never;
  }
}
