import { type Command, Option } from 'commander';
import { type ParameterPlan, searchStrategySchema } from '../../contracts/search.ts';
import { contextOf, wholeNumber } from '../context.ts';
import { dataOption, sourceOf, sourceOption } from '../data-source.ts';
import { CommandError, exitCodes } from '../exit.ts';
import { followRun } from '../follow-run.ts';
import { parseRunParameters } from '../run-parameters.ts';

type SearchOptions = {
  candidate?: string[];
  strategy: ParameterPlan['strategy'];
  trials?: number;
  generate?: number;
  keep?: number;
  minutes?: number;
  folds?: number;
  earlyStop?: boolean;
  parallel?: number;
  data?: string;
  source?: string;
  seed?: number;
  cache: boolean;
  reason?: string;
  idempotencyKey?: string;
  detach?: boolean;
};

export function addSearchCommand(program: Command): void {
  program
    .command('search')
    .description("search better parameters or features for a pipeline's candidates, by cross-validation")
    .argument('<pipeline>')
    .argument('[parameters...]', "the pipeline's own, as `perennial pipelines NAME` lists them")
    .option('--candidate <name...>', 'that declare a search space (default: all that do)')
    .addOption(
      new Option('--strategy <strategy>', 'where to look')
        .choices(searchStrategySchema.options)
        .default('random'),
    )
    .option('--trials <number>', 'at most so many (default: 20; of a grid all)', wholeNumber)
    .option(
      '--generate <number>',
      'try so many features that could be made, in place of parameters',
      wholeNumber,
    )
    .option('--keep <number>', 'with --generate: end with so many kept (default: 5)', wholeNumber)
    .option('--minutes <number>', 'at most so long', Number)
    .option('--folds <number>', 'of the cross-validation (default: as the candidate declares)', wholeNumber)
    .option('--early-stop', 'stop trials that fall clearly behind')
    .option('--parallel <number>', 'trials under way at a time (default: 4)', wholeNumber)
    .addOption(dataOption())
    .addOption(sourceOption())
    .option('--seed <number>', 'of every random choice', wholeNumber)
    .option('--no-cache', 'prepare the rows anew, though an earlier run has them')
    .option('--reason <text>', 'recorded with the search')
    .option('--idempotency-key <key>', 'the same key answers the same search')
    .option('--detach', 'start it and return')
    .allowUnknownOption()
    .action(async (pipeline: string, rest: string[], options: SearchOptions, command: Command) => {
      if (pipeline.startsWith('-'))
        throw new CommandError(
          `Name the pipeline before its parameters: perennial search PIPELINE ${pipeline} …`,
        );
      const { client, output } = contextOf(command);
      const { parameters: declared } = await client.pipeline(pipeline);
      const parameters = parseRunParameters(rest, declared);
      const {
        candidate: candidates,
        strategy,
        data: _,
        cache,
        idempotencyKey,
        detach,
        generate,
        keep,
        ...given
      } = options;
      if (keep !== undefined && generate === undefined)
        throw new CommandError('--keep says how many of the features tried with --generate are kept');
      const source = await sourceOf({ client, output }, options);
      const started = await client.startSearch(
        pipeline,
        {
          ...given,
          strategy,
          parameters,
          ...(cache ? {} : { cache }),
          ...(generate === undefined
            ? {}
            : { generate: { proposals: generate, ...(keep === undefined ? {} : { keep }) } }),
          ...(source === undefined ? {} : { source }),
          ...(candidates === undefined ? {} : { candidates }),
        },
        idempotencyKey,
      );
      if (detach === true) {
        output.write(output.json ? JSON.stringify(started, null, 2) : started.searchId);
        process.exitCode = exitCodes.done;
        return;
      }
      output.note(`search ${started.searchId}`);
      process.exitCode = await followRun(client, output, started.searchId);
    });
}
