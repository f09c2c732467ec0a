import { type Command, Option } from 'commander';
import { type TrainingKind, trainingKinds } from '../../contracts/runs.ts';
import { contextOf, wholeNumber } from '../context.ts';
import { sourceOf } from '../data-source.ts';
import { CommandError, exitCodes } from '../exit.ts';
import { followRun } from '../follow-run.ts';
import { parseRunParameters } from '../run-parameters.ts';

type RunOptions = {
  data?: string;
  source?: string;
  kind: TrainingKind;
  seed?: number;
  reason?: string;
  search?: string;
  idempotencyKey?: string;
  detach?: boolean;
};

export function addRunCommand(program: Command): void {
  program
    .command('run')
    .description('train, check and deploy a pipeline; its own parameters as flags, as --min-r2 0.2')
    .argument('<pipeline>')
    .argument('[parameters...]', "the pipeline's own, as `perennial pipelines NAME` lists them")
    .addOption(
      new Option('--data <data>', 'a file or a folder of files to upload, or snapshot:REF').conflicts(
        'source',
      ),
    )
    .option(
      '--source <source>',
      "demo:NAME?rows=…&seed=…, upload:ID, snapshot:REF, … (default: the pipeline's)",
    )
    .addOption(new Option('--kind <kind>', 'how far to go').choices(trainingKinds).default('deploy'))
    .option('--seed <number>', 'of every random choice', wholeNumber)
    .option('--reason <text>', 'recorded with the run')
    .option('--search <id>', 'train with the parameters that this search found, on its data')
    .option('--idempotency-key <key>', 'the same key answers the same run')
    .option('--detach', 'start it and return')
    .allowUnknownOption()
    .action(async (pipeline: string, rest: string[], options: RunOptions, command: Command) => {
      if (pipeline.startsWith('-'))
        throw new CommandError(
          `Name the pipeline before its parameters: perennial run PIPELINE ${pipeline} …`,
        );
      const { client, output } = contextOf(command);
      const { parameters: declared } = await client.pipeline(pipeline);
      const parameters = parseRunParameters(rest, declared);
      const source = await sourceOf({ client, output }, options);
      const started = await client.startRun(
        pipeline,
        {
          kind: options.kind,
          parameters,
          ...(source === undefined ? {} : { source }),
          ...(options.seed === undefined ? {} : { seed: options.seed }),
          ...(options.search === undefined ? {} : { search: options.search }),
          ...(options.reason === undefined ? {} : { reason: options.reason }),
        },
        options.idempotencyKey,
      );
      if (options.detach === true) {
        output.write(output.json ? JSON.stringify(started, null, 2) : started.runId);
        process.exitCode = exitCodes.done;
        return;
      }
      output.note(`${client.url}/#/runs/${started.runId}`);
      process.exitCode = await followRun(client, output, started.runId);
    });
}
