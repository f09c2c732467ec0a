import type { Command } from 'commander';
import type { Schedule } from '../../contracts/http/schedules.ts';
import { contextOf } from '../context.ts';
import { CommandError } from '../exit.ts';
import { dash, formatTable, formatTime, print } from '../output.ts';
import { parseRunParameters } from '../run-parameters.ts';

type SetOptions = { cron: string; timezone?: string; source?: string; jitter?: string; paused?: boolean };

export function addSchedulesCommand(program: Command): void {
  const schedules = program.command('schedules').description('when pipelines are retrained');

  schedules
    .command('list', { isDefault: true })
    .description('every schedule with its next times')
    .action(async (_options: unknown, command: Command) => {
      const { client, output } = contextOf(command);
      print(output, await client.schedules(), ({ items }) => formatSchedules(items));
    });

  schedules
    .command('set')
    .description('make or replace a schedule; run parameters as flags, as with run')
    .argument('<pipeline>')
    .argument('[parameters...]')
    .requiredOption('--cron <expression>', 'five to seven fields, as "0 4 * * 1"')
    .option('--timezone <name>', 'IANA name, as Europe/Paris')
    .option('--source <source>', "a source that lives on; default: the declaration's")
    .option('--jitter <duration>', 'as 30s, 5m or 1h')
    .option('--paused', 'make it without starting it')
    .allowUnknownOption()
    .action(async (pipeline: string, rest: string[], options: SetOptions, command: Command) => {
      if (pipeline.startsWith('-')) throw new CommandError('Name the pipeline before its parameters.');
      const { client, output } = contextOf(command);
      const { parameters: declared } = await client.pipeline(pipeline);
      const schedule = await client.putSchedule(pipeline, {
        ...options,
        parameters: parseRunParameters(rest, declared),
      });
      print(output, schedule, (value) => formatSchedules([value]));
    });

  for (const verb of ['pause', 'resume'] as const) {
    schedules
      .command(verb)
      .argument('<pipeline>')
      .option('--note <text>', 'shown in the Temporal web UI')
      .action(async (pipeline: string, options: { note?: string }, command: Command) => {
        const { client, output } = contextOf(command);
        const schedule =
          verb === 'pause'
            ? await client.pauseSchedule(pipeline, options.note)
            : await client.resumeSchedule(pipeline, options.note);
        print(output, schedule, (value) => formatSchedules([value]));
      });
  }

  schedules
    .command('trigger')
    .description('run it now, as if its time had come')
    .argument('<pipeline>')
    .action(async (pipeline: string, _options: unknown, command: Command) => {
      const { client, output } = contextOf(command);
      print(output, await client.triggerSchedule(pipeline), () => `${pipeline} was triggered`);
    });

  schedules
    .command('delete')
    .argument('<pipeline>')
    .action(async (pipeline: string, _options: unknown, command: Command) => {
      const { client, output } = contextOf(command);
      await client.deleteSchedule(pipeline);
      print(output, { pipeline, deleted: true }, () => `the schedule of ${pipeline} is deleted`);
    });
}

function formatSchedules(items: readonly Schedule[]): string {
  if (items.length === 0) return 'no schedules';
  const table = formatTable(
    ['schedule', 'cron', 'time zone', 'state', 'source', 'last'],
    items.map((schedule) => [
      schedule.pipeline,
      schedule.cron,
      schedule.timezone,
      stateOf(schedule),
      schedule.source,
      schedule.lastTime === null ? dash : formatTime(schedule.lastTime),
    ]),
  );
  const next = items
    .filter(({ nextTimes }) => nextTimes.length > 0)
    .map(({ pipeline, nextTimes }) => [`next of ${pipeline}`, ...nextTimes.map(formatTime)].join('\n  '));
  return [table, ...next].join('\n\n');
}

function stateOf({ paused, registered }: Schedule): string {
  if (!registered) return 'not yet in Temporal';
  return paused ? 'paused' : 'active';
}
