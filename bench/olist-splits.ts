import { join, resolve } from 'node:path';
import { entityColumns } from '../data/entity-columns.ts';
import { readFrame } from '../data/frame.ts';
import { type Frame, selectRows, selectValues } from '../ml/frame.ts';
import { rankingSteps, rocAuc } from '../ml/metrics/ranking.ts';
import { regressionMetrics } from '../ml/metrics/regression.ts';
import { rowsOfFold, timeFolds, trainingRows } from '../ml/splits/folds.ts';
import { holdOutRows, isHoldOut } from '../ml/splits/hold-out.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import { resolveParameters } from '../pipelines/parameters.ts';
import { createFolderStore } from '../store/folder-store.ts';
import { makeEntityRows } from './entity-rows.ts';
import { shippedPipeline } from './shipped-pipelines.ts';

export type OlistPipeline = 'olist-satisfaction' | 'olist-score';

/** `times`: when each row is asked about, milliseconds since 1970. */
type Rows = { frame: Frame; target: Float64Array; times: Float64Array };
export type Sides = { train: Rows; test: Rows };

export type OlistSplits = {
  pipeline: LoadedPipeline;
  task: 'binary' | 'regression';
  /** ROC-AUC or R². */
  metric: string;
  quality(predicted: Float64Array, target: Float64Array): number;
  /** A fifth of the rows is held out by seed, of each class alike. */
  split(seed: number): Sides;
  /** About a fifth of the months, by seed, is held out whole: the model knows nothing of them but what lies on either side. */
  splitByMonth(seed: number): Sides;
  /**
   * The rows in order of time, from the middle on, in as many blocks as there are to be splits: of the newest, number 0,
   * backwards, each is held out from a model of all that is earlier by `gapDays` or more.
   */
  splitByTime(number: number, of: { splits: number; gapDays: number }): Sides;
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
  const times = timesOf(pipeline, frame);
  const rowsAt = (kept: Int32Array): Rows => ({
    frame: selectRows(frame, kept),
    target: selectValues(target, kept),
    times: selectValues(times, kept),
  });
  const sides = (isHeldOut: (row: number) => boolean): Sides => ({
    train: rowsAt(every.filter((row) => !isHeldOut(row))),
    test: rowsAt(every.filter(isHeldOut)),
  });
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
      return sides((row) => heldOut[row] === 1);
    },
    splitByMonth: (seed) =>
      sides((row) => {
        const month = new Date(times[row] as number).toISOString().slice(0, 7);
        return isHoldOut({ key: month, salt: `months-${seed}`, share: 0.2 });
      }),
    splitByTime: (number, { splits, gapDays }) => {
      const folds = timeFolds({ times, gapMs: gapDays * 24 * 3600 * 1000 }, 2 * splits);
      return { train: rowsAt(trainingRows(folds, number)), test: rowsAt(rowsOfFold(folds, number)) };
    },
  };
}

function timesOf({ name, rows: { asOf } }: LoadedPipeline, { columns }: Frame): Float64Array {
  const column = asOf === null ? undefined : columns.get(asOf);
  if (column?.kind !== 'timestamp') throw new Error(`the rows of ${name} have no reference time`);
  return column.values;
}
