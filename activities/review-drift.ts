import type { DriftActivities, DriftMeasurement } from '../contracts/review-activities.ts';
import type { ScoringVersion } from '../contracts/reviews.ts';
import {
  countScoredDays,
  dropDriftDays,
  markDriftMeasured,
  readScoredReviews,
  type ScoredReviewOfDay,
  storeDriftDays,
} from '../db/queries/review-drift.ts';
import { differencesOf, type PreparedReference, prepareReference } from '../ml/drift/differences.ts';
import { addProfile, type ReviewProfile } from '../ml/drift/profile.ts';
import { type DayRange, rangesOf } from './day-ranges.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { ensureReviewReference } from './review-reference.ts';
import { readScoringPipeline } from './scoring-pipeline.ts';
import { createStep } from './step.ts';

/** Read and counted at a time; the days among them are stored by one transaction. */
const reviewsAtOnce = 5_000;

export function createDriftActivities(deps: ActivityDependencies): DriftActivities {
  const { db, threads } = deps;
  const step = createStep(deps);

  /** The reviews of each day of the range, counted; a day is given once it is whole. */
  async function* countDays(
    by: ScoringVersion,
    { from, to }: DayRange,
    signal: AbortSignal,
  ): AsyncGenerator<[day: string, profile: ReviewProfile][]> {
    let after: ScoredReviewOfDay | null = null;
    let open: [day: string, profile: ReviewProfile] | null = null;
    for (;;) {
      const reviews = await readScoredReviews(db, by, { from, to, after, limit: reviewsAtOnce });
      const { days } = await threads.run('countReviews', { reviews: reviews.map(toCount) }, { signal });
      const [first] = days;
      if (open !== null && first !== undefined && first[0] === open[0]) {
        addProfile(open[1], first[1]);
        days[0] = open;
      } else if (open !== null) days.unshift(open);
      const isEnd = reviews.length < reviewsAtOnce;
      // More of its reviews may stand on the next page.
      open = isEnd ? null : (days.pop() ?? null);
      if (days.length > 0) yield days;
      if (isEnd) return;
      after = reviews.at(-1) ?? null;
    }
  }

  const measure = async (
    by: ScoringVersion,
    reference: PreparedReference,
    signal: AbortSignal,
  ): Promise<{ days: number; reviews: number }> => {
    const counted = await countScoredDays(db, by);
    const done = { days: 0, reviews: 0 };
    for (const range of rangesOf(counted, reviewsAtOnce))
      for await (const days of countDays(by, range, signal)) {
        const measured = days.map(([day, profile]) => ({
          day,
          reviews: profile.reviews,
          drift: differencesOf(reference, profile),
        }));
        await db.transaction((tx) => storeDriftDays(tx, by, measured));
        done.days += measured.length;
        done.reviews += measured.reduce((sum, { reviews }) => sum + reviews, 0);
      }
    const gone = counted.filter(({ reviews }) => reviews === 0).map(({ day }) => day);
    await db.transaction(async (tx) => {
      await dropDriftDays(tx, by, gone);
      await markDriftMeasured(tx, by);
    });
    return done;
  };

  return {
    measureReviewDrift: step(
      'measureReviewDrift',
      async (_: unknown, { signal }): Promise<DriftMeasurement> => {
        const scoring = await readScoringPipeline(deps);
        if (scoring === null) return { skipped: 'no model that scores reviews is in production' };
        const by = { pipeline: scoring.pipeline.name, version: scoring.version };
        const { reference, reason } = await ensureReviewReference(deps, scoring, signal);
        if (reference === null) {
          await markDriftMeasured(db, by);
          return { skipped: `${by.pipeline} version ${by.version} has no reference: ${reason ?? 'unknown'}` };
        }
        return { skipped: null, ...by, ...(await measure(by, prepareReference(reference), signal)) };
      },
    ),
  };
}

const toCount = ({ day, title, text, rating, sentiment }: ScoredReviewOfDay) => ({
  day,
  title,
  text,
  rating,
  sentiment,
});
