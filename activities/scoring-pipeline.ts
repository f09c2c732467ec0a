import { readFirstProduction } from '../db/queries/models.ts';
import { type ReviewPipeline, reviewPipelines } from '../pipelines/review-pipelines.ts';
import type { ActivityDependencies } from './dependencies.ts';

export type ScoringPipeline = { pipeline: ReviewPipeline; version: number };

/** The version in production that scores reviews; null while there is none. */
export async function readScoringPipeline({
  db,
  pipelines,
}: Pick<ActivityDependencies, 'db' | 'pipelines'>): Promise<ScoringPipeline | null> {
  const scoring = reviewPipelines(pipelines.values());
  const found = await readFirstProduction(
    db,
    scoring.map(({ name }) => name),
  );
  const pipeline = scoring.find(({ name }) => name === found?.pipeline);
  return found === null || pipeline === undefined ? null : { pipeline, version: found.version };
}
