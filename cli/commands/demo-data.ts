import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { contextOf, wholeNumber } from '../context.ts';
import { CommandError } from '../exit.ts';
import { fileError } from '../file-error.ts';
import { formatTable, print } from '../output.ts';

export function addDemoDataCommand(program: Command): void {
  program
    .command('demo-data')
    .description('write generated data to files; the same rows and seed give the same bytes')
    .argument('<name>', 'as in demo:NAME')
    .requiredOption('--to <folder>', 'made if need be')
    .option('--rows <number>', 'orders, leads, … whatever the data is of', wholeNumber, 20_000)
    .option('--seed <number>', 'of every random choice', wholeNumber, 7)
    .action(async (name: string, options: { to: string; rows: number; seed: number }, command: Command) => {
      const { output } = contextOf(command);
      // Loaded here: every other command starts without the generators.
      const { generateDemo, UnknownDemo } = await import('../../data/demo/registry.ts');
      const { files } = await generateDemo({
        name,
        rows: options.rows,
        seed: options.seed,
        folder: options.to,
      }).catch((error: unknown) => {
        if (error instanceof UnknownDemo) throw new CommandError(error.message);
        throw fileError('write', options.to, error);
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
