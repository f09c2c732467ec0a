import { join, resolve } from 'node:path';
import { entityColumns } from '../data/entity-columns.ts';
import { readFrame } from '../data/frame.ts';
import { type Frame, selectRows } from '../ml/frame.ts';
import { rankingSteps, rocAuc } from '../ml/metrics/ranking.ts';
import { regressionMetrics } from '../ml/metrics/regression.ts';
import { holdOutRows } from '../ml/splits/hold-out.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import { resolveParameters } from '../pipelines/parameters.ts';
import { createFolderStore } from '../store/folder-store.ts';
import { makeEntityRows } from './entity-rows.ts';
import { shippedPipeline } from './shipped-pipelines.ts';

export type OlistPipeline = 'olist-satisfaction' | 'olist-score';

type Rows = { frame: Frame; target: Float64Array };

export type OlistSplits = {
  pipeline: LoadedPipeline;
  task: 'binary' | 'regression';
  /** ROC-AUC or R². */
  metric: string;
  quality(predicted: Float64Array, target: Float64Array): number;
  /** A fifth of the rows is held out by seed, of each class alike. */
  split(seed: number): { train: Rows; test: Rows };
};

/**
 * The entity rows of a folder of Olist files, without a service.
 *
 * @param folder for what is written on the way
 * @param change of the declaration, before rows are made
 */
export async function readOlistSplits(
  name: OlistPipeline,
  data: string,
  folder: string,
  change: (pipeline: LoadedPipeline) => LoadedPipeline = (pipeline) => pipeline,
): Promise<OlistSplits> {
  const pipeline = change(shippedPipeline(name));
  if (pipeline.task !== 'binary' && pipeline.task !== 'regression')
    throw new Error(`${name} answers neither a number nor one of two classes`);
  const isBinary = pipeline.task === 'binary';
  const store = await createFolderStore(join(folder, name));
  const rows = await makeEntityRows({
    pipeline,
    source: `folder:${resolve(data)}`,
    sourceRoots: [resolve(data)],
    parameters: resolveParameters(pipeline),
    store,
  });
  const path = await store.localPath(rows.blob.sha256);
  const { frame, target } = await readFrame({ ...entityColumns(pipeline), path, split: 'all' });
  const every = Int32Array.from({ length: frame.rows }, (_, row) => row);
  return {
    pipeline,
    task: pipeline.task,
    metric: isBinary ? 'ROC-AUC' : 'R²',
    quality: (predicted, truth) =>
      (isBinary
        ? rocAuc(rankingSteps({ target: truth, predicted }))
        : regressionMetrics({ target: truth, predicted }).r2) ?? Number.NaN,
    split: (seed) => {
      const strata = isBinary ? { strata: target } : {};
      const heldOut = holdOutRows({ rows: frame.rows, share: 0.2, seed, ...strata });
      const side = (held: 0 | 1): Rows => {
        const kept = every.filter((row) => heldOut[row] === held);
        return {
          frame: selectRows(frame, kept),
          target: Float64Array.from(kept, (row) => target[row] as number),
        };
      };
      return { train: side(0), test: side(1) };
    },
  };
}
