import type { Command } from 'commander';
import type { QuarantineList, ReviewList, ReviewSummary } from '../../contracts/http/reviews.ts';
import { contextOf, wholeNumber } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { type ImportedFile, importReviewFile, type Rejection } from '../import-reviews.ts';
import {
  dash,
  formatNumber,
  formatTable,
  formatTime,
  type Output,
  print,
  shorten,
  shownRows,
} from '../output.ts';
import { addCollectCommands } from './collect.ts';
import { addDriftCommand } from './review-drift.ts';
import { withReviewFilter } from './review-filter.ts';
import { addInsightCommands } from './review-insights.ts';

/** Rejected records that are shown one by one; the others are counted. */
const shownRejections = 20;

export function addReviewsCommands(program: Command): void {
  const reviews = program.command('reviews').description('reviews: taken in, scored, read');

  reviews
    .command('import')
    .description(
      'take in the reviews of files (.csv, .tsv, .ndjson, .jsonl, .json); doing so again is harmless',
    )
    .argument('<file...>')
    .option('--source <name>', 'where they are from; default: the column source, of a page URL its host')
    .action(async (paths: string[], options: { source?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const files: ImportedFile[] = [];
      const rejections: Rejection[] = [];
      for (const path of paths) {
        const show = createShow(output);
        files.push(
          await importReviewFile(client, {
            path,
            source: options.source,
            onProgress: show,
            onRejected: (rejection) => {
              if (rejections.length < shownRejections) rejections.push(rejection);
            },
          }),
        );
      }
      for (const { file, place, reason } of rejections) output.note(`${file}, ${place}: ${reason}`);
      const rejected = files.reduce((sum, file) => sum + file.rejected, 0);
      if (rejected > rejections.length) output.note(`and ${rejected - rejections.length} more`);
      if (rejected > 0) process.exitCode = exitCodes.rejected;
      print(output, { files, rejections }, () =>
        formatTable(
          ['file', 'accepted', 'duplicates', 'rejected'],
          files.map(({ file, ...counts }) => [
            file,
            String(counts.accepted),
            String(counts.duplicates),
            String(counts.rejected),
          ]),
        ),
      );
    });

  withReviewFilter(
    reviews.command('list').description('reviews and what the model says of them, the newest first'),
  )
    .option('--limit <number>', 'at most so many', wholeNumber, 20)
    .option('--cursor <cursor>', 'nextCursor of the page before')
    .action(async (options: Record<string, string | number>, command: Command) => {
      const { client, output } = contextOf(command);
      print(output, await client.reviews(options), formatReviews);
    });

  withReviewFilter(
    reviews.command('summary').description('how many there are, by day, source and rating'),
  ).action(async (options: Record<string, string | number>, command: Command) => {
    const { client, output } = contextOf(command);
    print(output, await client.reviewSummary(options), formatSummary);
  });

  reviews
    .command('quarantine')
    .description('what was sent as a review and is none, with the reasons')
    .option('--source <name>')
    .option('--limit <number>', 'at most so many', wholeNumber, 20)
    .option('--cursor <cursor>', 'nextCursor of the page before')
    .action(async (options: Record<string, string | number>, command: Command) => {
      const { client, output } = contextOf(command);
      print(output, await client.reviewQuarantine(options), formatQuarantine);
    });

  reviews
    .command('replay')
    .description('read the quarantine again by the rules of now, and score again what no model could score')
    .argument('[id...]', 'of records in quarantine, or of reviews; default: all')
    .action(async (ids: string[], _options: unknown, command: Command) => {
      const { client, output } = contextOf(command);
      print(output, await client.replayReviews(ids), ({ accepted, duplicates, rejected, rescored }) =>
        [
          `${accepted} accepted, ${duplicates} duplicates, ${rejected} stay in quarantine`,
          `${rescored} reviews are scored again`,
        ].join('\n'),
      );
    });

  reviews
    .command('rescore')
    .description('score again, by the version in production, what an earlier one scored')
    .action(async (_options: unknown, command: Command) => {
      const { client, output } = contextOf(command);
      print(output, await client.rescoreReviews(), ({ reviews: outdated, version }) =>
        outdated === 0
          ? `all are scored by version ${version}`
          : `${outdated} reviews are scored again by version ${version}, and keep their scores until then`,
      );
    });

  addInsightCommands(reviews);
  addDriftCommand(reviews);
  addCollectCommands(reviews);
}

function formatReviews(list: ReviewList): string {
  if (list.items.length === 0) return 'no reviews';
  const table = formatTable(
    ['published', 'source', 'rating', 'sentiment', 'topic', 'status', 'review'],
    list.items.map((review) => [
      formatTime(review.publishedAt ?? review.receivedAt),
      review.source,
      review.rating === null ? dash : String(review.rating),
      review.sentiment ?? dash,
      review.topic ?? dash,
      review.reason ?? review.status,
      shorten(`${review.title ?? ''} ${review.text ?? ''}`),
    ]),
  );
  return list.nextCursor === null ? table : `${table}\nmore: --cursor ${list.nextCursor}`;
}

type Counts = ReviewSummary['total'];

function formatSummary({ total, byDay, bySource, byRating }: ReviewSummary): string {
  const row = (name: string, counts: Counts): string[] => [
    name,
    ...[
      counts.reviews,
      counts.received,
      counts.quarantined,
      counts.positive,
      counts.neutral,
      counts.negative,
    ].map(String),
    formatNumber(counts.averageRating),
    String(counts.disagreements),
  ];
  return formatTable(
    ['', 'reviews', 'waiting', 'quarantined', 'positive', 'neutral', 'negative', 'rating', 'disagree'],
    [
      row('all', total),
      ...bySource.map(({ source, ...counts }) => row(source, counts)),
      ...byRating.map(({ rating, ...counts }) =>
        row(rating === null ? 'no rating' : `${rating} of 5`, counts),
      ),
      ...byDay.slice(0, shownRows).map(({ day, ...counts }) => row(day, counts)),
    ],
  );
}

function formatQuarantine(list: QuarantineList): string {
  if (list.items.length === 0) return 'nothing is in quarantine';
  const table = formatTable(
    ['id', 'received', 'source', 'bytes', 'reason', 'record'],
    list.items.map(({ id, receivedAt, source, bytes, errors, content }) => [
      id,
      formatTime(receivedAt),
      source ?? dash,
      String(bytes),
      errors.map(({ pointer, message }) => `${pointer} ${message}`.trim()).join('; '),
      shorten(content),
    ]),
  );
  return list.nextCursor === null ? table : `${table}\nmore: --cursor ${list.nextCursor}`;
}

/** On a terminal a line that is drawn anew; in a log a line at each quarter. */
function createShow(output: Output): (progress: ImportedFile & { share: number }) => void {
  let quarter = 0;
  return ({ file, accepted, duplicates, rejected, share }) => {
    const percent = `${Math.floor(share * 100)} %`.padStart(5);
    const line = `${percent} ${file}: ${accepted} accepted, ${duplicates} duplicates, ${rejected} rejected`;
    if (output.isTerminal) {
      process.stderr.write(`\r\u001b[K${line}${share === 1 ? '\n' : ''}`);
    } else if (Math.floor(share * 4) > quarter) {
      quarter = Math.floor(share * 4);
      output.note(line);
    }
  };
}
