import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import type { ScoringVersion } from '../../contracts/reviews.ts';
import { respects, type Tests } from '../../ml/drift/alerts.ts';
import type { Database } from '../client.ts';
import { reviewDrift, reviewReferences } from '../schema/review-drift.ts';
import type { Queries } from './runs.ts';

export type ReviewReferenceRow = typeof reviewReferences.$inferSelect;
export type DriftDay = Pick<typeof reviewDrift.$inferSelect, 'day' | 'reviews' | 'drift' | 'measuredAt'>;

const ofReferences = ({ pipeline, version }: ScoringVersion) =>
  and(eq(reviewReferences.pipeline, pipeline), eq(reviewReferences.version, version));
const ofDays = ({ pipeline, version }: ScoringVersion) =>
  and(eq(reviewDrift.pipeline, pipeline), eq(reviewDrift.version, version));

/** Null where nobody has looked for one. */
export async function readReviewReference(
  db: Queries,
  by: ScoringVersion,
): Promise<ReviewReferenceRow | null> {
  const [row] = await db.select().from(reviewReferences).where(ofReferences(by));
  return row ?? null;
}

/** The first stays: it follows from the version. */
export async function storeReviewReference(
  db: Queries,
  row: Omit<ReviewReferenceRow, 'measuredAt'>,
): Promise<void> {
  await db.insert(reviewReferences).values(row).onConflictDoNothing();
}

/** The days have been looked through to their end. */
export async function markDriftMeasured(db: Queries, by: ScoringVersion): Promise<void> {
  await db.update(reviewReferences).set({ measuredAt: sql`now()` }).where(ofReferences(by));
}

/** Scored by the version: the condition that the index is made for. */
const scoredBy = ({ pipeline, version }: ScoringVersion) =>
  sql`status = 'scored' and scored_pipeline = ${pipeline} and scored_version = ${version}`;

/**
 * The days that the version has scored reviews of, or had, in their order: how many now, and how many when the day was
 * measured. All of it comes from an index.
 */
export async function countScoredDays(
  db: Database,
  by: ScoringVersion,
): Promise<{ day: string; reviews: number; measured: number | null }[]> {
  const rows = await db.execute<{ day: string; reviews: number; measured: number | null }>(sql`
    with scored as (
      select (at at time zone 'UTC')::date as day, count(*)::integer as reviews
      from reviews where ${scoredBy(by)} group by 1
    ), known as (
      select day, reviews from review_drift where pipeline = ${by.pipeline} and version = ${by.version}
    )
    select day::text as day, coalesce(scored.reviews, 0) as reviews, known.reviews as measured
    from scored full join known using (day) order by day`);
  return [...rows];
}

export type ScoredReviewOfDay = {
  id: string;
  /** As Postgres writes it. */
  at: string;
  day: string;
  title: string | null;
  text: string | null;
  rating: number | null;
  sentiment: string | null;
};

/** Reviews that the version scored, of the days from one to another, in the order of their times. */
export async function readScoredReviews(
  db: Database,
  by: ScoringVersion,
  range: { from: string; to: string; after: Pick<ScoredReviewOfDay, 'id' | 'at'> | null; limit: number },
): Promise<ScoredReviewOfDay[]> {
  const { from, to, after, limit } = range;
  const isAfter = after === null ? sql`true` : sql`(at, id) > (${after.at}::timestamptz, ${after.id}::uuid)`;
  const rows = await db.execute<ScoredReviewOfDay>(sql`
    select id, at::text as at, (at at time zone 'UTC')::date::text as day, title, text, rating, sentiment
    from reviews
    where ${scoredBy(by)} and at >= ${from}::date::timestamp at time zone 'UTC'
      and at < (${to}::date + 1)::timestamp at time zone 'UTC' and ${isAfter}
    order by at, id limit ${limit}`);
  return [...rows];
}

/** In place of what was measured of these days before. */
export async function storeDriftDays(
  tx: Queries,
  by: ScoringVersion,
  days: readonly Omit<DriftDay, 'measuredAt'>[],
): Promise<void> {
  if (days.length === 0) return;
  await tx
    .insert(reviewDrift)
    .values(days.map((day) => ({ ...by, ...day })))
    .onConflictDoUpdate({
      target: [reviewDrift.pipeline, reviewDrift.version, reviewDrift.day],
      set: { reviews: sql`excluded.reviews`, drift: sql`excluded.drift`, measuredAt: sql`now()` },
    });
}

/** Forgets days of which the version has no review any more. */
export async function dropDriftDays(tx: Queries, by: ScoringVersion, days: readonly string[]): Promise<void> {
  for (const day of days) await tx.delete(reviewDrift).where(and(ofDays(by), eq(reviewDrift.day, day)));
}

const testFigures = ['reviews', 'distance', 'pValue'] as const;

/** The p-values and distances of all days, in their order: which of them are alerts depends on all. */
export async function listDriftTests(db: Database, by: ScoringVersion): Promise<DriftTests[]> {
  const figures = respects.flatMap((respect) =>
    testFigures.map(
      (figure) =>
        sql`(drift #>> ${`{${respect},${figure}}`}::text[])::double precision as ${sql.identifier(`${respect} ${figure}`)}`,
    ),
  );
  const rows = await db.execute<{ day: string } & Record<string, number | null>>(sql`
    select day::text as day, ${sql.join(figures, sql`, `)}
    from review_drift where pipeline = ${by.pipeline} and version = ${by.version} order by day`);
  return rows.map(({ day, ...of }) => ({
    day,
    tests: Object.fromEntries(
      respects.flatMap((respect) => {
        const [reviews, distance, pValue] = testFigures.map((figure) => of[`${respect} ${figure}`]);
        // The respect is null where there was nothing to compare.
        if (reviews == null || distance == null || pValue == null) return [];
        return [[respect, { reviews, distance, pValue }]];
      }),
    ),
  }));
}

export type DriftTests = { day: string; tests: Tests };

/** The days asked for, the latest first. */
export async function readDriftDays(
  db: Database,
  by: ScoringVersion,
  days: readonly string[],
): Promise<DriftDay[]> {
  if (days.length === 0) return [];
  const { day, reviews, drift, measuredAt } = reviewDrift;
  return db
    .select({ day, reviews, drift, measuredAt })
    .from(reviewDrift)
    .where(and(ofDays(by), inArray(day, [...days])))
    .orderBy(desc(day));
}
