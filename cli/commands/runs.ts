import { type Command, Option } from 'commander';
import type { RunList } from '../../contracts/http/runs.ts';
import { runKinds, runStatuses } from '../../contracts/runs.ts';
import { contextOf, wholeNumber } from '../context.ts';
import { followRun, showRun } from '../follow-run.ts';
import { durationMs, formatSeconds, formatTable, formatTime, print } from '../output.ts';

export function addRunsCommands(program: Command): void {
  program
    .command('runs')
    .description('list runs, the newest first')
    .option('--pipeline <name>')
    .addOption(new Option('--status <status>').choices(runStatuses))
    .addOption(new Option('--kind <kind>').choices(runKinds))
    .option('--limit <number>', 'at most so many', wholeNumber, 20)
    .option('--cursor <cursor>', 'nextCursor of the page before')
    .action(async (options: Record<string, string | number>, command: Command) => {
      const { client, output } = contextOf(command);
      print(output, await client.runs(options), formatRuns);
    });

  program
    .command('show')
    .description('what a run did')
    .argument('<run>')
    .action(async (runId: string, _options: unknown, command: Command) => {
      const { client, output } = contextOf(command);
      await showRun(client, output, runId);
    });

  program
    .command('watch')
    .alias('events')
    .description('follow a run until it ends; the exit code says how it ended')
    .argument('<run>')
    .action(async (runId: string, _options: unknown, command: Command) => {
      const { client, output } = contextOf(command);
      process.exitCode = await followRun(client, output, runId);
    });

  program
    .command('cancel')
    .description('stop a run; production stays as it is')
    .argument('<run>')
    .option('--reason <text>')
    .action(async (runId: string, options: { reason?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      await client.cancelRun(runId, options.reason);
      print(output, { runId, cancelling: true }, () => `run ${runId} is being cancelled`);
    });
}

function formatRuns(list: RunList): string {
  if (list.items.length === 0) return 'no runs';
  const table = formatTable(
    ['run', 'pipeline', 'kind', 'status', 'version', 'started', 'took'],
    list.items.map((run) => [
      run.runId,
      run.pipeline,
      run.kind,
      run.status,
      run.modelVersion === null ? '' : String(run.modelVersion),
      formatTime(run.createdAt),
      formatSeconds(durationMs(run.startedAt, run.endedAt)),
    ]),
  );
  return list.nextCursor === null ? table : `${table}\nmore: --cursor ${list.nextCursor}`;
}
