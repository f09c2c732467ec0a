import { statSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { InvalidSource, type Languages, parseLanguages } from '../../contracts/source.ts';
import { contextOf, wholeNumber } from '../context.ts';
import { CommandError } from '../exit.ts';
import { fileError } from '../file-error.ts';
import { formatTable, print } from '../output.ts';

type Options = { to: string; rows: number; seed: number; languages?: Languages };

export function addDemoDataCommand(program: Command): void {
  program
    .command('demo-data')
    .description('write generated data to files; the same rows and seed give the same bytes')
    .argument('<name>', 'as in demo:NAME')
    .requiredOption('--to <folder>', 'made if need be')
    .option('--rows <number>', 'orders, leads, … whatever the data is of', wholeNumber, 20_000)
    .option('--seed <number>', 'of every random choice', wholeNumber, 7)
    .option('--languages <list>', 'of texts, as in en,pt,fr,de,es,it', languages)
    .action(async (name: string, { to, ...asked }: Options, command: Command) => {
      const { output } = contextOf(command);
      // Loaded here: every other command starts without the generators.
      const { DemoLanguagesRefused, generateDemo, UnknownDemo } = await import('../../data/demo/registry.ts');
      const { files } = await generateDemo({ name, ...asked, folder: to }).catch((error: unknown) => {
        if (error instanceof UnknownDemo || error instanceof DemoLanguagesRefused)
          throw new CommandError(error.message);
        throw fileError('write', to, error);
      });
      const listed = files.map((file) => ({ ...file, bytes: statSync(file.path).size }));
      print(output, listed, () =>
        formatTable(
          ['file', 'rows', 'bytes'],
          listed.map((file) => [file.path, String(file.rows), String(file.bytes)]),
        ),
      );
    });
}

function languages(text: string): Languages {
  try {
    return parseLanguages(text);
  } catch (error) {
    throw error instanceof InvalidSource ? new InvalidArgumentError(error.message) : error;
  }
}
