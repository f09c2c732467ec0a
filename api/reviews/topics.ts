import type { ReviewTopics, SatisfactionPeriod } from '../../contracts/http/reviews.ts';
import { noScoringVersion, type ScoringVersion } from '../../contracts/reviews.ts';
import type { Database } from '../../db/client.ts';
import { readVersion } from '../../db/queries/models.ts';
import {
  countPeriodCells,
  listTopicExamples,
  type PeriodCell,
  type TopicExample,
} from '../../db/queries/review-insights.ts';
import type { ReviewFilter } from '../../db/queries/review-views.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import { toTime } from '../views.ts';
import { describeCounts, latestPeriods, sumOfCells } from './periods.ts';
import { examplesOfTopic, firstExamples } from './topic-examples.ts';
import { satisfactionIndex } from './topic-insights.ts';
import { readVersionTopics, type VersionTopics } from './version-topics.ts';

type Topic = ReviewTopics['topics'][number];

/** The topics of the version in production, and what the reviews found are about. */
export async function readTopics(
  deps: { db: Database; store: BlobStore; scoringVersion(): Promise<ScoringVersion | null> },
  { period, ...filter }: ReviewFilter & { period: SatisfactionPeriod },
): Promise<ReviewTopics> {
  const { db } = deps;
  const scoredBy = await deps.scoringVersion();
  const [cells, version] = await Promise.all([
    countPeriodCells(db, { ...filter, period, scoredBy }),
    scoredBy === null ? null : readVersion(db, scoredBy.pipeline, scoredBy.version),
  ]);
  const of = version === null ? null : await readVersionTopics(deps, version.runId);
  const examples = of === null ? [] : await listTopicExamples(db, { ...filter, each: examplesOfTopic });
  const { reviews, byOthers } = sumOfCells(cells);
  return {
    scoredBy:
      version === null
        ? null
        : { pipeline: version.pipeline, version: version.version, createdAt: toTime(version.createdAt) },
    message:
      version === null
        ? noScoringVersion
        : of === null
          ? `version ${version.version} of ${version.pipeline} has learned no topics`
          : null,
    learned: of?.learned ?? null,
    reviews,
    withoutTopic: sumOfCells(cells.filter(({ topic }) => topic === null)).reviews,
    topics: of === null ? [] : describeTopics(of.topics, cells, examples),
    earlier: { reviews: byOthers, ended: endedTopics(of?.topics ?? [], cells) },
  };
}

function describeTopics(
  topics: VersionTopics['topics'],
  cells: readonly PeriodCell[],
  examples: readonly TopicExample[],
): Topic[] {
  const withTopic = cells.filter(({ topic }) => topic !== null);
  const all = sumOfCells(withTopic).reviews;
  const periods = latestPeriods(withTopic);
  return topics
    .map((topic): Topic => {
      const isOwn = (cell: { topic: string | null }) => cell.topic === topic.name;
      const counts = sumOfCells(withTopic.filter(isOwn));
      return {
        ...topic,
        ...describeCounts(counts),
        share: all === 0 ? 0 : counts.reviews / all,
        satisfaction: counts.reviews === 0 ? null : satisfactionIndex(counts),
        examples: firstExamples(examples.filter(isOwn), (a, b) => b.worth - a.worth),
        trend: periods.map(({ from, cells: ofPeriod }) => {
          const { reviews } = sumOfCells(ofPeriod.filter(isOwn));
          return { from, reviews, share: reviews / sumOfCells(ofPeriod).reviews };
        }),
      };
    })
    .sort((a, b) => b.reviews - a.reviews || a.id - b.id);
}

/** Topics that reviews have and the version has not, the one with the most reviews first. */
function endedTopics(
  topics: VersionTopics['topics'],
  cells: readonly PeriodCell[],
): ReviewTopics['earlier']['ended'] {
  const reviews = new Map<string, number>();
  for (const cell of cells) {
    if (cell.topic === null || topics.some(({ name }) => name === cell.topic)) continue;
    reviews.set(cell.topic, (reviews.get(cell.topic) ?? 0) + cell.reviews);
  }
  return [...reviews]
    .map(([topic, count]) => ({ topic, reviews: count }))
    .sort((a, b) => b.reviews - a.reviews || (a.topic < b.topic ? -1 : 1));
}
