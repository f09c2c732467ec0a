import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { sql } from 'drizzle-orm';
import { v7 as uuidV7 } from 'uuid';
import { type PipelineName, runIdSchema, sha256Schema } from '../../contracts/ids.ts';
import type { Database } from '../../db/client.ts';
import { promoteVersion } from '../../db/queries/deployments.ts';
import { registerVersion } from '../../db/queries/models.ts';
import type { ModelLineage } from '../../db/schema/models.ts';
import { runs } from '../../db/schema/runs.ts';
import { type Artifact, encodeArtifact } from '../../ml/artifact.ts';
import type { Frame } from '../../ml/frame.ts';
import { findLearner, fitToEnd } from '../../ml/learners/registry.ts';
import { fitTransform } from '../../ml/recipe/recipe.ts';
import { createScorer } from '../../ml/scorer.ts';
import type { LoadedPipeline } from '../../pipelines/load-pipeline.ts';
import { recipeFor } from '../../pipelines/recipe-for.ts';

const rows = 40;
const zeros = '0'.repeat(64);

/** A model of `price = slope × area`, or of "well from 100 m² on, the surer the greater the slope". */
export function fitModel(pipeline: LoadedPipeline, slope: number): Artifact {
  const area = Float64Array.from({ length: rows }, (_, row) => row * 5);
  const frame: Frame = {
    rows,
    columns: new Map([
      ['area', { kind: 'number', values: area }],
      ['town', { kind: 'category', codes: new Int32Array(rows), levels: ['Turin'] }],
      ['built', { kind: 'timestamp', values: area.map((value) => value * value * 1e8) }],
    ]),
  };
  const isBinary = pipeline.task === 'binary';
  const learner = findLearner(isBinary ? 'logistic' : 'linear');
  const { fitted, blocks } = fitTransform({
    spec: recipeFor(pipeline, isBinary ? 'logistic' : 'linear'),
    frame,
    lookups: [],
    seed: 1,
  });
  const target = isBinary ? area.map((value) => (value >= 100 ? 1 : 0)) : area.map((value) => value * slope);
  const model = fitToEnd(
    learner,
    { task: pipeline.task, blocks, target, classes: isBinary ? 2 : 0, seed: 1 },
    isBinary ? {} : { l2: 0 },
  );
  const artifact: Artifact = {
    format: 1,
    task: pipeline.task,
    classes: isBinary ? ['unwell', 'well'] : null,
    threshold: isBinary ? 0.4 : null,
    range: null,
    moment: pipeline.moment,
    recipe: fitted,
    lookups: [],
    learner: { name: learner.name, head: model.head },
    sections: model.sections,
    baseline: slope,
    goldenRows: [],
  };
  const instances = [
    { area: 10, built: '1999-05-02' },
    { area: 150, built: '1999-05-02' },
  ];
  const scores = createScorer(artifact).scoreInstances(instances);
  return {
    ...artifact,
    goldenRows: instances.map((instance, row) => ({ instance, score: [scores[row] as number] })),
  };
}

/** Registers the model as the pipeline's next version, with the run it comes from. */
export async function registerModel(
  db: Database,
  pipeline: LoadedPipeline,
  artifact: Artifact,
  lineage: Partial<ModelLineage> = {},
): Promise<number> {
  const runId = runIdSchema.parse(uuidV7());
  const source = 'demo:olist?rows=100&seed=1';
  await db.insert(runs).values({
    id: runId,
    pipeline: pipeline.name,
    kind: 'deploy',
    status: 'succeeded',
    source,
    parameters: {},
    seed: 7,
    requestedBy: 'test',
    workflowId: `run:${runId}`,
  });
  const bytes = encodeArtifact(artifact);
  const none = sha256Schema.parse(zeros);
  return registerVersion(
    db,
    {
      pipeline: pipeline.name,
      runId,
      candidate: 'linear',
      learner: artifact.learner.name,
      metrics: { r2: 0.5 },
      baseline: { r2: 0 },
      intervals: {},
      variants: [],
      lineage: {
        runId,
        snapshotId: none,
        source,
        rowsSha256: none,
        lookupsSha256: null,
        pipelineSha256: zeros,
        codeVersion: 'test',
        nodeVersion: process.version,
        seed: 7,
        parameters: {},
        split: pipeline.split,
        ...lineage,
      },
    },
    {
      sha256: sha256Schema.parse(createHash('sha256').update(bytes).digest('hex')),
      content: gzipSync(bytes),
      bytes: bytes.byteLength,
    },
  );
}

/** Brings a version into production as a deployment does: alias, ledger and notice in one transaction. */
export async function promote(
  db: Database,
  pipeline: PipelineName,
  version: number,
  expected: number | null,
): Promise<void> {
  await promoteVersion(db, {
    pipeline,
    version,
    expected,
    action: 'promote',
    actor: 'test',
    reason: 'a test',
    runId: null,
    requestId: uuidV7(),
  });
}

/** Brings a first version, of slope 2, into production. */
export async function deployFirst(db: Database, pipeline: LoadedPipeline): Promise<void> {
  const version = await registerModel(db, pipeline, fitModel(pipeline, 2));
  await promote(db, pipeline.name, version, null);
}

export async function countPredictions(db: Database): Promise<number> {
  const [row] = await db.execute<{ count: string }>(sql`select count(*) from predictions`);
  return Number(row?.count);
}
