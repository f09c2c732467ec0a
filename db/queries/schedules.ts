import { and, eq, sql } from 'drizzle-orm';
import type { PipelineName } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import { schedules } from '../schema/schedules.ts';

export type WantedSchedule = typeof schedules.$inferSelect;
export type ScheduleChange = Omit<WantedSchedule, 'origin' | 'deleted' | 'updatedAt'>;

/** The whole wanted set, schedules that were deleted through the API included: they must not come back. */
export async function listWantedSchedules(db: Database): Promise<WantedSchedule[]> {
  return db.select().from(schedules).orderBy(schedules.pipeline);
}

export async function findWantedSchedule(
  db: Database,
  pipeline: PipelineName,
): Promise<WantedSchedule | null> {
  const [row] = await db.select().from(schedules).where(eq(schedules.pipeline, pipeline));
  return row === undefined || row.deleted ? null : row;
}

/** Takes over what a pipeline declares, unless its schedule was changed through the API. */
export async function adoptDeclaredSchedule(db: Database, declared: ScheduleChange): Promise<void> {
  const { pipeline: _, ...fields } = declared;
  await db
    .insert(schedules)
    .values({ ...declared, origin: 'declaration' })
    .onConflictDoUpdate({
      target: schedules.pipeline,
      set: { ...fields, deleted: false, updatedAt: sql`now()` },
      // Asked for every few seconds, and hardly ever another.
      setWhere: sql`${schedules.origin} = 'declaration' and (${schedules.deleted}
        or (${schedules.cron}, ${schedules.timezone}, ${schedules.source}, ${schedules.parameters}, ${schedules.jitter}, ${schedules.paused})
        is distinct from (excluded.cron, excluded.timezone, excluded.source, excluded.parameters, excluded.jitter, excluded.paused))`,
    });
}

/** A pipeline that no longer declares a schedule has none, unless it was set through the API. */
export async function dropUndeclaredSchedule(db: Database, pipeline: PipelineName): Promise<void> {
  await db
    .update(schedules)
    .set({ deleted: true, updatedAt: sql`now()` })
    .where(
      and(
        eq(schedules.pipeline, pipeline),
        eq(schedules.origin, 'declaration'),
        eq(schedules.deleted, false),
      ),
    );
}

export async function putWantedSchedule(db: Database, wanted: ScheduleChange): Promise<WantedSchedule> {
  const { pipeline: _, ...fields } = wanted;
  const [row] = await db
    .insert(schedules)
    .values({ ...wanted, origin: 'api' })
    .onConflictDoUpdate({
      target: schedules.pipeline,
      set: { ...fields, origin: 'api', deleted: false, updatedAt: sql`now()` },
    })
    .returning();
  if (row === undefined) throw new Error(`the schedule of ${wanted.pipeline} was not written`);
  return row;
}

export async function changeWantedSchedule(
  db: Database,
  pipeline: PipelineName,
  change: { paused?: boolean; deleted?: boolean },
): Promise<void> {
  await db
    .update(schedules)
    .set({ ...change, origin: 'api', updatedAt: sql`now()` })
    .where(eq(schedules.pipeline, pipeline));
}
