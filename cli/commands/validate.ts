import type { Command } from 'commander';
import type { RunDetail } from '../../contracts/http/runs.ts';
import { isTerminal } from '../../contracts/runs.ts';
import type { Client } from '../client.ts';
import { contextOf } from '../context.ts';
import { sourceOf } from '../data-source.ts';
import { CommandError, exitCodes } from '../exit.ts';
import { print } from '../output.ts';
import { formatReport } from '../validation-report.ts';

/** Every run begins with the validation: one is started, and stopped once the report is recorded. */
export function addValidateCommand(program: Command): void {
  program
    .command('validate')
    .description('check data against the declarations of a pipeline, without training on it')
    .argument('<pipeline>')
    .requiredOption('--data <data>', 'a file, a folder of files, or snapshot:REF')
    .action(async (pipeline: string, options: { data: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const source = await sourceOf({ client, output }, options);
      const { runId } = await client.startRun(
        pipeline,
        { kind: 'train', ...(source === undefined ? {} : { source }), reason: 'validation only' },
        undefined,
      );
      const run = await awaitReport(client, runId);
      const report = run.validation;
      if (report === null)
        throw new CommandError(
          run.failure?.message ?? `run ${runId} is ${run.status} and has no report`,
          exitCodes.failed,
        );
      print(output, report, formatReport);
      output.note(`report: ${client.url}/#/runs/${runId}`);
      process.exitCode = report.verdict === 'failed' ? exitCodes.rejected : exitCodes.done;
    });
}

async function awaitReport(client: Client, runId: string): Promise<RunDetail> {
  for await (const state of client.events(runId, new AbortController().signal)) {
    if (state.validationVerdict === null && !isTerminal(state.status)) continue;
    if (!isTerminal(state.status)) await client.cancelRun(runId, 'only the validation was asked for');
    break;
  }
  return client.run(runId);
}
