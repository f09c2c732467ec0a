import type { ReviewDrift } from '../../contracts/http/review-drift.ts';
import { noScoringVersion, type ScoringVersion } from '../../contracts/reviews.ts';
import type { Database } from '../../db/client.ts';
import {
  type DriftDay,
  type DriftTests,
  listDriftTests,
  readDriftDays,
  readReviewReference,
} from '../../db/queries/review-drift.ts';
import { type AlertRule, type JudgedTests, judgeDays, respects } from '../../ml/drift/alerts.ts';
import { toTime } from '../views.ts';

type Judged = DriftTests & { judged: JudgedTests; alert: boolean };
type DriftFilter = { from?: string | undefined; to?: string | undefined; alert?: boolean | undefined };

/** All days of the version, judged together; the latest first. */
export async function judgeDrift(db: Database, by: ScoringVersion, rule: AlertRule): Promise<Judged[]> {
  const days = await listDriftTests(db, by);
  const judged = judgeDays(
    days.map(({ tests }) => tests),
    rule,
  );
  return days
    .map(({ day, tests }, index) => {
      const of = judged[index] ?? {};
      return { day, tests, judged: of, alert: respects.some((respect) => of[respect]?.alert === true) };
    })
    .reverse();
}

/** Whether the day has as many reviews as a judgement needs. */
export const isJudged = ({ judged }: Judged): boolean => judged.words?.adjustedPValue != null;

/** What of the days is asked for, a page of it, and what it was measured against. */
export async function readDrift(
  db: Database,
  by: ScoringVersion | null,
  { rule, after, limit, ...filter }: DriftFilter & { rule: AlertRule; after: string | null; limit: number },
): Promise<Omit<ReviewDrift, 'nextCursor'> & { hasMore: boolean }> {
  const { minReviews, level, minDistance } = rule;
  const shownRule = { minReviews, level, minDistance };
  if (by === null)
    return {
      scoredBy: null,
      message: noScoringVersion,
      measuredAt: null,
      reference: null,
      rule: shownRule,
      measured: { days: 0, alerts: 0 },
      items: [],
      hasMore: false,
    };
  const [row, days] = await Promise.all([readReviewReference(db, by), judgeDrift(db, by, rule)]);
  const found = days.filter((of) => isAskedFor(of, filter) && (after === null || of.day < after));
  const shown = new Map(found.slice(0, limit).map((of) => [of.day, of]));
  const items = await readDriftDays(db, by, [...shown.keys()]);
  const { reference = null } = row ?? {};
  return {
    scoredBy: by,
    message: whyNothing(by, row),
    measuredAt: row?.measuredAt == null ? null : toTime(row.measuredAt),
    reference: reference === null ? null : { reviews: reference.reviews, words: reference.words.length },
    rule: shownRule,
    measured: { days: days.length, alerts: days.filter(({ alert }) => alert).length },
    items: items.map((item) => toDriftDay(item, shown.get(item.day))),
    hasMore: found.length > limit,
  };
}

function isAskedFor({ day, alert }: Judged, filter: DriftFilter): boolean {
  const beginsMs = Date.parse(`${day}T00:00:00Z`);
  return (
    (filter.from === undefined || beginsMs >= Date.parse(filter.from)) &&
    (filter.to === undefined || beginsMs < Date.parse(filter.to)) &&
    (filter.alert === undefined || alert === filter.alert)
  );
}

function whyNothing(
  { pipeline, version }: ScoringVersion,
  row: Awaited<ReturnType<typeof readReviewReference>>,
): string | null {
  if (row?.reason != null)
    return `what ${pipeline} version ${version} was trained on cannot be told: ${row.reason}`;
  return row?.measuredAt == null ? `nothing has been measured by version ${version} yet` : null;
}

const unjudged = { adjustedPValue: null, alert: false };

function toDriftDay(
  { day, reviews, drift: { words, length, rating, sentiment }, measuredAt }: DriftDay,
  of: Judged | undefined,
): ReviewDrift['items'][number] {
  const { judged = {}, alert = false } = of ?? {};
  return {
    day,
    reviews,
    alert,
    measuredAt: toTime(measuredAt),
    words: { ...words, ...(judged.words ?? unjudged) },
    length: { ...length, ...(judged.length ?? unjudged) },
    rating: rating === null ? null : { ...rating, ...(judged.rating ?? unjudged) },
    sentiment: sentiment === null ? null : { ...sentiment, ...(judged.sentiment ?? unjudged) },
  };
}
