import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Collection, CollectorView } from '../../contracts/http/collectors.ts';
import type { Client } from '../client.ts';
import { RequestRefused } from '../connection.ts';
import { contextOf, wholeNumber } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit.ts';
import { dash, formatTable, formatTime, type Output, print } from '../output.ts';

const poll = { firstMs: 100, mostMs: 2_000 };

/** @param reviews the command that they become a part of */
export function addCollectCommands(reviews: Command): void {
  reviews
    .command('collect')
    .description('collect now, and say what came of it')
    .argument('<collector>')
    .option('--detach', 'print the id of the round and leave')
    .action(async (name: string, options: { detach?: boolean }, command: Command) => {
      const { client, output } = contextOf(command);
      const { collectionId } = await client.collect(name);
      if (options.detach === true) return print(output, { collectionId }, () => collectionId);
      const ended = await follow({ client, output }, collectionId);
      print(output, ended, formatEnd);
      process.exitCode = exitCodeOf(ended);
    });

  const collectors = reviews.command('collectors').description('what reviews are collected from, and when');

  collectors
    .command('list', { isDefault: true })
    .description('every collector with its last round')
    .action(async (_options: unknown, command: Command) => {
      const { client, output } = contextOf(command);
      const list = await client.collectors();
      print(output, list, ({ items }) => formatCollectors(items));
      if (!output.json) for (const problem of list.problems) output.note(problem);
      if (list.problems.length > 0) process.exitCode = exitCodes.usage;
    });

  collectors
    .command('show')
    .description('a collector and its rounds, the latest first')
    .argument('<collector>')
    .option('--limit <number>', 'at most so many rounds', wholeNumber, 10)
    .action(async (name: string, { limit }: { limit: number }, command: Command) => {
      const { client, output } = contextOf(command);
      const [collector, { items }] = await Promise.all([
        client.collector(name),
        client.collections(name, { limit }),
      ]);
      print(output, { ...collector, rounds: items }, () => formatCollector(collector, items));
    });

  for (const verb of ['pause', 'resume'] as const) {
    collectors
      .command(verb)
      .description(verb === 'pause' ? 'let its schedule rest' : 'let its schedule start rounds')
      .argument('<collector>')
      .action(async (name: string, _options: unknown, command: Command) => {
        const { client, output } = contextOf(command);
        print(output, await client.setCollectorPaused(name, verb === 'pause'), (view) =>
          formatCollectors([view]),
        );
      });
  }

  collectors
    .command('cancel')
    .description('stop a round; what it has taken in stays')
    .argument('<round>', 'its id')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { client, output } = contextOf(command);
      print(output, await client.cancelCollection(id), () => `round ${id} was asked to stop`);
    });
}

async function follow(
  { client, output }: { client: Client; output: Output },
  id: string,
): Promise<Collection> {
  let said = '';
  for (let waitMs = poll.firstMs; ; waitMs = Math.min(waitMs * 1.5, poll.mostMs)) {
    const round = await roundOrNone(client, id);
    if (round !== undefined && round.status !== 'running') return round;
    const line = round === undefined ? '' : formatCounts(round);
    if (line !== said && !output.json) output.note(line);
    said = line;
    await delay(waitMs);
  }
}

/** Its row is written by the first step of its workflow, for which a worker may have to come. */
async function roundOrNone(client: Client, id: string): Promise<Collection | undefined> {
  try {
    return await client.collection(id);
  } catch (error) {
    if (error instanceof RequestRefused && error.status === 404) return undefined;
    throw error;
  }
}

function exitCodeOf({ status }: Collection): ExitCode {
  if (status === 'failed') return exitCodes.failed;
  return status === 'cancelled' ? exitCodes.cancelled : exitCodes.done;
}

const formatCounts = ({ parts, unchanged, accepted, duplicates, rejected }: Collection): string =>
  [
    `${parts} read`,
    ...(unchanged > 0 ? [`${unchanged} of them unchanged`] : []),
    `${accepted} new`,
    `${duplicates} known`,
    `${rejected} in quarantine`,
  ].join(', ');

const formatEnd = (round: Collection): string =>
  [`${round.status}: ${formatCounts(round)}`, ...(round.message === null ? [] : [round.message])]
    .concat(round.stages.length > 1 ? ['', formatStages(round.stages)] : [])
    .join('\n');

const formatStages = (stages: Collection['stages']): string =>
  formatTable(
    ['stage', 'state', 'run', 'what was said'],
    stages.map(({ stage, status, run, message }) => [stage, status, run ?? dash, message ?? dash]),
  );

/** Stages after the first that are under way, or that went wrong. */
const unsettled = ({ stages }: Collection): string =>
  stages
    .filter(({ stage, status }) => stage !== 'collect' && status !== 'succeeded' && status !== 'skipped')
    .map(({ stage, status }) => `${stage} ${status}`)
    .join(', ') || dash;

const formatCollectors = (items: readonly CollectorView[]): string =>
  items.length === 0
    ? 'no collectors'
    : formatTable(
        ['collector', 'kind', 'schedule', 'last', 'state', 'new', 'known', 'refused', 'what was said'],
        items.map(({ name, kind, schedule, last }) => [
          name,
          kind,
          scheduleOf(schedule),
          last === null ? dash : formatTime(last.startedAt),
          last?.status ?? dash,
          ...(last === null
            ? [dash, dash, dash]
            : [last.accepted, last.duplicates, last.rejected].map(String)),
          last?.message ?? dash,
        ]),
      );

function scheduleOf(schedule: CollectorView['schedule']): string {
  if (schedule === null) return dash;
  if (schedule.paused) return `${schedule.cron} (paused)`;
  return schedule.registered ? schedule.cron : `${schedule.cron} (not yet in Temporal)`;
}

function formatCollector(view: CollectorView, rounds: readonly Collection[]): string {
  const { title, reads, source, completedAt, goesOnAt, schedule } = view;
  const facts = [
    title,
    `reads ${reads}, as ${source}`,
    ...(completedAt === null ? [] : [`everything was read by ${formatTime(completedAt)}`]),
    ...(goesOnAt === null ? [] : [`goes on at ${goesOnAt}`]),
    ...(schedule?.nextTimes ?? []).slice(0, 1).map((next) => `next round ${formatTime(next)}`),
  ];
  const table = formatTable(
    ['round', 'begun', 'state', 'read', 'new', 'known', 'refused', 'then', 'what was said'],
    rounds.map((round) => [
      round.id,
      formatTime(round.startedAt),
      round.status,
      ...[round.parts, round.accepted, round.duplicates, round.rejected].map(String),
      unsettled(round),
      round.message ?? dash,
    ]),
  );
  const [latest] = rounds;
  if (latest === undefined) return [facts.join('\n'), 'no round yet'].join('\n\n');
  return [facts.join('\n'), `the latest round:\n${formatStages(latest.stages)}`, table].join('\n\n');
}
