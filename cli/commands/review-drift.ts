import { setTimeout as delay } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import type { DriftDay, ReviewDrift } from '../../contracts/http/review-drift.ts';
import type { Client } from '../client.ts';
import { contextOf, wholeNumber } from '../context.ts';
import { CommandError } from '../exit.ts';
import { dash, formatTable, formatTime, print } from '../output.ts';

const poll = { everyMs: 500, mostMs: 30 * 60_000 };

type Options = { measure?: true; from?: string; to?: string; alert?: string; limit: number; cursor?: string };

/** @param reviews the command that it becomes a part of */
export function addDriftCommand(reviews: Command): void {
  reviews
    .command('drift')
    .description('how far reviews are, day by day, from what the model was trained on')
    .option('--measure', 'measure the days that have changed first')
    .option('--from <time>', 'days that begin then or later, as 2024-01-01T00:00:00Z')
    .option('--to <time>', 'days that begin before then')
    .addOption(
      new Option('--alert <true|false>', 'days with an alert, or without').choices(['true', 'false']),
    )
    .option('--limit <number>', 'at most so many days', wholeNumber, 14)
    .option('--cursor <cursor>', 'nextCursor of the page before')
    .action(async ({ measure, ...query }: Options, command: Command) => {
      const { client, output } = contextOf(command);
      if (measure === true) await measureNow(client);
      print(output, await client.reviewDrift(query), formatDrift);
    });
}

/** Waits until reviews have been looked through once more. */
async function measureNow(client: Client): Promise<void> {
  const last = async () => (await client.reviewDrift({ limit: 1 })).measuredAt;
  const before = await last();
  await client.measureDrift();
  for (const endMs = performance.now() + poll.mostMs; performance.now() < endMs; await delay(poll.everyMs))
    if ((await last()) !== before) return;
  throw new CommandError(`the measurement did not end within ${poll.mostMs / 60_000} minutes`);
}

export function formatDrift(drift: ReviewDrift): string {
  const { scoredBy, message, measuredAt, reference, measured, rule, items, nextCursor } = drift;
  if (scoredBy === null) return message ?? '';
  const { pipeline, version } = scoredBy;
  const head = [
    ...(message === null ? [] : [message]),
    ...(reference === null
      ? []
      : [
          `against the ${reference.reviews} reviews of ${pipeline} version ${version}, last measured ${formatTime(measuredAt)}`,
          `${measured.alerts} of ${measured.days} days are alerts (!): ${rule.minReviews} reviews or more, a share that differs by ${percent(rule.minDistance)} or more, at most ${percent(rule.level)} of them by chance`,
        ]),
  ];
  if (items.length === 0) return [...head, 'no days'].join('\n');
  const table = formatTable(
    ['day', 'reviews', 'words', 'length', 'rating', 'sentiment', 'what differs'],
    items.map((item) => [
      item.day,
      String(item.reviews),
      ...[item.words, item.length, item.rating, item.sentiment].map(formatRespect),
      whatDiffers(item),
    ]),
  );
  return [...head, '', table, ...(nextCursor === null ? [] : [`more: --cursor ${nextCursor}`])].join('\n');
}

const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;

/** The largest difference of a share. */
const formatRespect = (respect: { distance: number; alert: boolean } | null): string =>
  respect === null ? dash : `${percent(respect.distance)}${respect.alert ? ' !' : ''}`;

const wordsShown = 3;

/** Of the respects that are alerts. */
function whatDiffers({ words, length, rating, sentiment }: DriftDay): string {
  const parts: string[] = [];
  if (words.alert)
    parts.push(
      ...[...words.rose.slice(0, wordsShown), ...words.fell.slice(0, wordsShown)].map(
        ({ word, share, before }) => `"${word}" ${percent(before)} → ${percent(share)}`,
      ),
    );
  if (length.alert) parts.push(`${length.medianBefore} → ${length.median} words`);
  for (const [name, respect] of [
    ['stars', rating],
    ['', sentiment],
  ] as const)
    if (respect?.alert === true) {
      const [most] = respect.shares.toSorted((a, b) => changeOf(b) - changeOf(a));
      if (most !== undefined)
        parts.push(`${`${most.value} ${name}`.trim()} ${percent(most.before)} → ${percent(most.share)}`);
    }
  return parts.length === 0 ? dash : parts.join(', ');
}

const changeOf = ({ share, before }: { share: number; before: number }): number => Math.abs(share - before);
