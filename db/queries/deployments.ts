import { and, eq, sql } from 'drizzle-orm';
import type { PipelineName, RunId } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import { StaleVersion } from '../errors.ts';
import { deployments } from '../schema/deployments.ts';
import { modelAliases } from '../schema/models.ts';
import { readProduction } from './models.ts';

export type Promotion = {
  pipeline: PipelineName;
  version: number;
  /** The version that production must still be at; null for none. */
  expected: number | null;
  action: 'promote' | 'rollback';
  actor: string;
  reason: string;
  runId: RunId | null;
  requestId: string;
};

/**
 * Compare-and-swap of the production alias, in one transaction with its ledger row: no reader ever sees none or
 * two. A repeated request id answers what the first did.
 * @throws StaleVersion
 */
export async function promoteVersion(
  db: Database,
  promotion: Promotion,
): Promise<{ previous: number | null }> {
  const { pipeline, version, expected, action, actor, reason, runId, requestId } = promotion;
  return db.transaction(async (tx) => {
    const [ledger] = await tx
      .insert(deployments)
      .values({
        pipeline,
        action,
        fromVersion: expected,
        toVersion: version,
        actor,
        reason,
        runId,
        requestId,
      })
      .onConflictDoNothing({ target: [deployments.pipeline, deployments.requestId] })
      .returning({ id: deployments.id });
    if (ledger === undefined) {
      const [first] = await tx
        .select({ previous: deployments.fromVersion })
        .from(deployments)
        .where(and(eq(deployments.pipeline, pipeline), eq(deployments.requestId, requestId)));
      return { previous: first?.previous ?? null };
    }
    const alias = { pipeline, alias: 'production' as const, version };
    const swapped =
      expected === null
        ? await tx.insert(modelAliases).values(alias).onConflictDoNothing().returning()
        : await tx
            .update(modelAliases)
            .set({ version, updatedAt: sql`now()` })
            .where(
              and(
                eq(modelAliases.pipeline, pipeline),
                eq(modelAliases.alias, 'production'),
                eq(modelAliases.version, expected),
              ),
            )
            .returning();
    if (swapped.length === 0) {
      const production = await readProduction(tx, pipeline);
      throw new StaleVersion(pipeline, expected, production?.version ?? null);
    }
    // Delivered at commit, so a replica that hears it reads the new alias.
    await tx.execute(sql`select pg_notify('model_alias', ${JSON.stringify({ pipeline, version })})`);
    return { previous: expected };
  });
}
