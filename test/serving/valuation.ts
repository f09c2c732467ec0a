import { join } from 'node:path';
import { projectRoot } from '../../config/paths.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import type { LoadedPipeline } from '../../pipelines/load-pipeline.ts';
import { loadPipelines } from '../../pipelines/registry.ts';

/** What `PIPELINES_DIR` of the test processes names. */
export const declaredFolder = join(projectRoot, 'test', 'serving', 'declared');

/** A version of it answers `slope × area`, so that an answer proves which version gave it. */
export const valuation: LoadedPipeline = loadValuation();
export const predictPath = '/api/v1/models/valuation/predict';

function loadValuation(): LoadedPipeline {
  const pipeline = loadPipelines({ folders: [declaredFolder] }).get(pipelineNameSchema.parse('valuation'));
  if (pipeline === undefined) throw new Error(`no pipeline "valuation" in ${declaredFolder}`);
  return pipeline;
}
