import { type Command, Option } from 'commander';
import { type ReviewInsights, type ReviewTopics, satisfactionPeriods } from '../../contracts/http/reviews.ts';
import { contextOf, wholeNumber } from '../context.ts';
import { dash, formatNumber, formatTable, print, shorten, shownRows } from '../output.ts';
import { withReviewFilter } from './review-filter.ts';

/** @param reviews the command that they become a part of */
export function addInsightCommands(reviews: Command): void {
  withReviewFilter(
    reviews
      .command('insights')
      .description('which topics lower satisfaction most, which are on the rise, and how satisfaction went'),
  )
    .option('--recent-days <days>', 'recent are reviews this close to the latest', wholeNumber, 90)
    .addOption(periodOption())
    .action(async (options: Record<string, string | number>, command: Command) => {
      const { client, output } = contextOf(command);
      print(output, await client.reviewInsights(options), formatInsights);
    });

  withReviewFilter(
    reviews
      .command('topics')
      .description('topics of the version in production: words, reviews about each, share by period'),
  )
    .addOption(periodOption())
    .action(async (options: Record<string, string | number>, command: Command) => {
      const { client, output } = contextOf(command);
      print(output, await client.reviewTopics(options), formatTopics);
    });
}

const periodOption = () => new Option('--period <period>').choices(satisfactionPeriods).default('month');

type Estimate = ReviewInsights['topics'][number]['effect'];

const formatEstimate = ({ value, standardError }: Estimate, factor = 1): string =>
  `${value > 0 ? '+' : ''}${(factor * value).toFixed(1)}${standardError === null ? '' : ` ± ${(factor * standardError).toFixed(1)}`}`;

function formatInsights({ reviews, topics, periods }: ReviewInsights): string {
  if (reviews === 0) return 'no reviews have been scored';
  const ranked = formatTable(
    ['topic', 'reviews', 'share', 'satisfaction', 'effect', 'rise', 'example'],
    topics.map(({ topic, share, satisfaction, effect, rise, examples, ...of }) => [
      topic,
      String(of.reviews),
      formatShare(share),
      satisfaction.toFixed(0),
      formatEstimate(effect),
      rise === null ? dash : formatEstimate(rise, 100),
      shorten(`${examples[0]?.title ?? ''} ${examples[0]?.text ?? ''}`),
    ]),
  );
  const course = formatTable(
    ['from', 'reviews', 'positive', 'neutral', 'negative', 'rating', 'satisfaction'],
    periods
      .slice(0, shownRows)
      .map(({ from, positive, neutral, negative, averageRating, satisfaction, ...of }) => [
        from,
        ...[of.reviews, positive, neutral, negative].map(String),
        formatNumber(averageRating),
        satisfaction.toFixed(0),
      ]),
  );
  return [topics.length === 0 ? 'no review has a topic yet' : ranked, course].join('\n\n');
}

const shownWords = 8;
const shownPeriods = 6;

function formatTopics({ scoredBy, message, topics, reviews, withoutTopic, earlier }: ReviewTopics): string {
  if (message !== null) return message;
  const described = formatTable(
    ['id', 'topic', 'reviews', 'share', 'positive', 'neutral', 'negative', 'rating', 'npmi', 'words'],
    topics.map(({ id, name, share, averageRating, coherence, words, ...of }) => [
      String(id),
      name,
      String(of.reviews),
      formatShare(share),
      ...[of.positive, of.neutral, of.negative].map(String),
      formatNumber(averageRating),
      formatNumber(coherence.npmi),
      words
        .slice(0, shownWords)
        .map(({ word }) => word)
        .join(' '),
    ]),
  );
  const periods = topics[0]?.trend.slice(0, shownPeriods).map(({ from }) => from) ?? [];
  const trend = formatTable(
    ['share from', ...periods],
    topics.map(({ name, trend: of }) => [
      name,
      ...of.slice(0, shownPeriods).map(({ share }) => formatShare(share)),
    ]),
  );
  return [
    `${scoredBy?.pipeline} version ${scoredBy?.version}, of ${scoredBy?.createdAt}: ${reviews} reviews, ${withoutTopic} without a topic`,
    described,
    ...(periods.length === 0 ? [] : [trend]),
    ...(earlier.reviews === 0 ? [] : [formatEarlier(earlier)]),
  ].join('\n\n');
}

const formatShare = (share: number): string => `${(100 * share).toFixed(1)} %`;

function formatEarlier({ reviews, ended }: ReviewTopics['earlier']): string {
  const topics = ended.map(({ topic, reviews: of }) => `${topic} (${of})`).join(', ');
  return [
    `${reviews} reviews were scored by other versions: perennial reviews rescore`,
    ...(ended.length === 0 ? [] : [`topics that have ended: ${topics}`]),
  ].join('\n');
}
