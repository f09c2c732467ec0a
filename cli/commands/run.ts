import { type Command, Option } from 'commander';
import { type TrainingKind, trainingKinds } from '../../contracts/runs.ts';
import { namesStep } from '../../contracts/steps.ts';
import { contextOf, wholeNumber } from '../context.ts';
import { dataOption, sourceOf, sourceOption } from '../data-source.ts';
import { CommandError, exitCodes } from '../exit.ts';
import { followRun } from '../follow-run.ts';
import { parseRunParameters } from '../run-parameters.ts';

type RunOptions = {
  data?: string;
  source?: string;
  kind: TrainingKind;
  seed?: number;
  cache: boolean;
  from: string[];
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
    .addOption(dataOption())
    .addOption(sourceOption())
    .addOption(new Option('--kind <kind>', 'how far to go').choices(trainingKinds).default('deploy'))
    .option('--seed <number>', 'of every random choice', wholeNumber)
    .option('--no-cache', 'execute every step, though earlier runs have done the same')
    .option('--from <step>', 'execute this step and what follows; earlier steps may be cached', collect, [])
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
      const from = readFrom(options.from, declared);
      const parameters = parseRunParameters([...rest, ...from.parameters], declared);
      const source = await sourceOf({ client, output }, options);
      const started = await client.startRun(
        pipeline,
        {
          kind: options.kind,
          parameters,
          ...(options.cache ? {} : { cache: false }),
          ...(from.step === undefined ? {} : { from: from.step }),
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

const collect = (value: string, given: string[]): string[] => [...given, value];

/**
 * A pipeline may have a parameter of that name, such as the first day of a window: it gets what names no step.
 * @throws CommandError where two steps are named
 */
export function readFrom(
  given: readonly string[],
  declared: Record<string, unknown>,
): { step: string | undefined; parameters: string[] } {
  const isParameter = (value: string): boolean => Object.hasOwn(declared, 'from') && !namesStep(value);
  const [step, ...others] = given.filter((value) => !isParameter(value));
  if (others.length > 0)
    throw new CommandError(`--from names one step, not ${[step, ...others].join(', ')}.`);
  return { step, parameters: given.filter(isParameter).flatMap((value) => ['--from', value]) };
}
