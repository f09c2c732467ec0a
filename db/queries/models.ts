import { and, eq, max, sql } from 'drizzle-orm';
import type { PipelineName } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import { RowNotFound } from '../errors.ts';
import { modelAliases, modelArtifacts, modelVersions } from '../schema/models.ts';
import { changeRun } from './runs.ts';

export type ModelVersion = typeof modelVersions.$inferSelect;
/** The model as stored: compressed; `sha256` is of the uncompressed bytes. */
export type ModelArtifact = { sha256: ModelVersion['artifactSha256']; content: Buffer; bytes: number };

/** Registers a run's model under the pipeline's next version. A run has one version: repeated, it answers the first. */
export async function registerVersion(
  db: Database,
  model: Omit<ModelVersion, 'version' | 'createdAt' | 'artifactSha256'>,
  artifact: ModelArtifact,
): Promise<number> {
  return db.transaction(async (tx) => {
    // Versions are numbered without gaps, so registrations of one pipeline take turns.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`version:${model.pipeline}`}, 0))`);
    const [registered] = await tx
      .select({ version: modelVersions.version })
      .from(modelVersions)
      .where(eq(modelVersions.runId, model.runId));
    if (registered !== undefined) return registered.version;
    await tx.insert(modelArtifacts).values(artifact).onConflictDoNothing();
    const [newest] = await tx
      .select({ version: max(modelVersions.version) })
      .from(modelVersions)
      .where(eq(modelVersions.pipeline, model.pipeline));
    const version = (newest?.version ?? 0) + 1;
    await tx.insert(modelVersions).values({ ...model, version, artifactSha256: artifact.sha256 });
    await changeRun(tx, model.runId, { modelVersion: version, champion: model.candidate });
    return version;
  });
}

/** @throws RowNotFound */
export async function readVersion(
  db: Database,
  pipeline: PipelineName,
  version: number,
): Promise<ModelVersion> {
  const [found] = await db
    .select()
    .from(modelVersions)
    .where(and(eq(modelVersions.pipeline, pipeline), eq(modelVersions.version, version)));
  if (found === undefined) throw new RowNotFound(`${pipeline} has no version ${version}`);
  return found;
}

/** The version in production, or null. */
export async function readProduction(
  db: Pick<Database, 'select'>,
  pipeline: PipelineName,
): Promise<{ version: number; updatedAt: string } | null> {
  const [alias] = await db
    .select({ version: modelAliases.version, updatedAt: modelAliases.updatedAt })
    .from(modelAliases)
    .where(and(eq(modelAliases.pipeline, pipeline), eq(modelAliases.alias, 'production')));
  return alias ?? null;
}

/** The first of the pipelines that has a version in production, and that version; null where none has. */
export async function readFirstProduction(
  db: Pick<Database, 'select'>,
  pipelines: readonly PipelineName[],
): Promise<{ pipeline: PipelineName; version: number } | null> {
  for (const pipeline of pipelines) {
    const production = await readProduction(db, pipeline);
    if (production !== null) return { pipeline, version: production.version };
  }
  return null;
}

/** The compressed bytes of a model. @throws RowNotFound */
export async function readModelContent(db: Database, sha256: ModelArtifact['sha256']): Promise<Buffer> {
  const [artifact] = await db
    .select({ content: modelArtifacts.content })
    .from(modelArtifacts)
    .where(eq(modelArtifacts.sha256, sha256));
  if (artifact === undefined) throw new RowNotFound(`no model artifact ${sha256}`);
  return artifact.content;
}
