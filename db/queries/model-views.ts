import { and, count, desc, eq, lt, max, sql } from 'drizzle-orm';
import type { PipelineName, RunId } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import { type Alias, modelAliases, modelArtifacts, modelVersions } from '../schema/models.ts';
import { runs } from '../schema/runs.ts';

const columns = {
  pipeline: modelVersions.pipeline,
  version: modelVersions.version,
  candidate: modelVersions.candidate,
  learner: modelVersions.learner,
  artifactSha256: modelVersions.artifactSha256,
  artifactBytes: modelArtifacts.bytes,
  metrics: modelVersions.metrics,
  baseline: modelVersions.baseline,
  intervals: modelVersions.intervals,
  variants: modelVersions.variants,
  lineage: modelVersions.lineage,
  createdAt: modelVersions.createdAt,
  verdict: runs.verdict,
  aliases: sql<Alias[]>`array(
    select ${modelAliases.alias} from ${modelAliases}
    where ${modelAliases.pipeline} = ${modelVersions.pipeline} and ${modelAliases.version} = ${modelVersions.version}
    order by 1
  )`,
};

const selectVersions = (db: Database) =>
  db
    .select(columns)
    .from(modelVersions)
    .innerJoin(runs, eq(runs.id, modelVersions.runId))
    .innerJoin(modelArtifacts, eq(modelArtifacts.sha256, modelVersions.artifactSha256));

/** Newest first; `after` is the last version seen. Reads one row more than `limit`. */
export async function listModelVersions(
  db: Database,
  filter: { pipeline: PipelineName; after: number | null; limit: number },
) {
  return selectVersions(db)
    .where(
      and(
        eq(modelVersions.pipeline, filter.pipeline),
        filter.after === null ? undefined : lt(modelVersions.version, filter.after),
      ),
    )
    .orderBy(desc(modelVersions.version))
    .limit(filter.limit + 1);
}
export type ModelVersionRow = Awaited<ReturnType<typeof listModelVersions>>[number];

export async function findModelVersion(
  db: Database,
  pipeline: PipelineName,
  version: number,
): Promise<ModelVersionRow | null> {
  const [row] = await selectVersions(db).where(
    and(eq(modelVersions.pipeline, pipeline), eq(modelVersions.version, version)),
  );
  return row ?? null;
}

/** The hold-out figures of a run's version; null until it is registered. */
export async function readHoldOut(db: Database, runId: RunId) {
  const { metrics, baseline, intervals } = columns;
  const [row] = await db
    .select({ metrics, baseline, intervals })
    .from(modelVersions)
    .where(eq(modelVersions.runId, runId));
  return row ?? null;
}

/** The compressed bytes of a version's model. */
export async function readModelContent(db: Database, pipeline: PipelineName, version: number) {
  const [row] = await db
    .select({ sha256: modelArtifacts.sha256, content: modelArtifacts.content })
    .from(modelVersions)
    .innerJoin(modelArtifacts, eq(modelArtifacts.sha256, modelVersions.artifactSha256))
    .where(and(eq(modelVersions.pipeline, pipeline), eq(modelVersions.version, version)));
  return row ?? null;
}

export async function countVersions(db: Database) {
  return db
    .select({ pipeline: modelVersions.pipeline, versions: count(), latest: max(modelVersions.version) })
    .from(modelVersions)
    .groupBy(modelVersions.pipeline);
}

export async function readProductionAliases(db: Database): Promise<Map<PipelineName, number>> {
  const rows = await db
    .select({ pipeline: modelAliases.pipeline, version: modelAliases.version })
    .from(modelAliases)
    .where(eq(modelAliases.alias, 'production'));
  return new Map(rows.map(({ pipeline, version }) => [pipeline, version]));
}
