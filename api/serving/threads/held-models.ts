import type { Pipeline } from '../../../contracts/pipeline.ts';
import type { Artifact } from '../../../ml/artifact.ts';
import { createScorer, type Scorer } from '../../../ml/scorer.ts';
import {
  type InstanceSchema,
  instanceSchema,
  type TakesInstance,
} from '../../../pipelines/instance-schema.ts';

/** A model as a thread gets it, once. */
export type ThreadModel = { version: number; declaration: Pipeline; artifact: Artifact };

/** The same with what is made from it, in the thread that holds it. */
export type HeldModel = ThreadModel & { schema: InstanceSchema; takes: TakesInstance; scorer: Scorer };

export type ModelKey = `${string}/${number}`;
export const modelKey = (pipeline: string, version: number): ModelKey => `${pipeline}/${version}`;

export function holdModel(model: ThreadModel): HeldModel {
  const { schema, takes } = instanceSchema(model.declaration);
  return { ...model, schema, takes, scorer: createScorer(model.artifact) };
}
