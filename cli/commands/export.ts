import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { Client } from '../client.ts';
import { contextOf, wholeNumber } from '../context.ts';
import { CommandError, exitCodes } from '../exit.ts';
import { fileError } from '../file-error.ts';
import type { ModelFormat } from '../model-file.ts';
import { createOutput, formatTable, print } from '../output.ts';

/** Other Node versions round some functions otherwise in the last bits. */
const tolerance = 1e-12;
const formats: readonly ModelFormat[] = ['native', 'lightgbm', 'onnx', 'recipe'];

/** What reads models is loaded by those who ask for it alone: it takes longer than all other commands do. */
const modelFile = () => import('../model-file.ts');

export function addExportCommands(program: Command): void {
  program
    .command('export')
    .description('save a model: whole, its learner for LightGBM or ONNX, or its recipe as JSON')
    .argument('<pipeline>')
    .requiredOption('--to <file>', 'the file to write')
    .option('--version <number>', 'default: the one in production', wholeNumber)
    .addOption(new Option('--format <format>', 'form of the file').choices(formats).default('native'))
    .action(
      async (
        pipeline: string,
        options: { to: string; version?: number; format: ModelFormat },
        command: Command,
      ) => {
        const { client, output } = contextOf(command);
        const version = options.version ?? (await productionOf(client, pipeline));
        const { artifact, candidate } = await client.version(pipeline, version);
        const bytes = new Uint8Array(await (await client.download(artifact.href)).arrayBuffer());
        const sha256 = hashOf(bytes);
        if (sha256 !== artifact.sha256)
          throw new CommandError(
            `${artifact.href} was answered with bytes of SHA-256 ${sha256}, not ${artifact.sha256}`,
          );
        const { contentsOf } = await modelFile();
        const files = contentsOf(options.format, options.to, bytes);
        for (const [path, content] of files) await write(path, content);
        const saved = files.map(([file, { length }]) => ({ file, bytes: length }));
        print(
          output,
          { pipeline, version, candidate, format: options.format, sha256, files: saved },
          ({ files: list }) =>
            `version ${version} of ${pipeline}, ${candidate}, SHA-256 ${sha256}\n${formatTable(
              ['file', 'bytes'],
              list.map((item) => [item.file, String(item.bytes)]),
            )}`,
        );
      },
    );

  program
    .command('check-model')
    .description('score the rows that a whole exported model carries, here, and compare; needs no service')
    .argument('<file>', 'as `export` writes it without --format')
    .option('--sha256 <hash>', "the version's, which the file's must be")
    .action(async (file: string, { sha256: expected }: { sha256?: string }, command: Command) => {
      const { json = false } = command.optsWithGlobals<{ json?: boolean }>();
      const output = createOutput({ json });
      const bytes = Uint8Array.from(
        await readFile(file).catch((error: unknown) => {
          throw fileError('read', file, error);
        }),
      );
      const sha256 = hashOf(bytes);
      if (expected !== undefined && expected.toLowerCase() !== sha256)
        throw new CommandError(`${file}: its SHA-256 is ${sha256}, not ${expected}`, exitCodes.rejected);
      const { checkModel } = await modelFile();
      const { learner, rows, mismatches } = checkModel(file, bytes, tolerance);
      const report = { file, sha256, learner, rows, mismatches };
      print(output, report, () =>
        mismatches.length === 0
          ? `${file}: ${rows} saved rows score the same here (${learner}, SHA-256 ${sha256})`
          : formatTable(
              ['row', 'output', 'saved', 'here'],
              mismatches.map(({ row, output: index, expected, actual }) => [
                String(row),
                String(index),
                String(expected),
                String(actual),
              ]),
            ),
      );
      if (rows === 0) throw new CommandError(`${file} carries no rows to check it by`);
      if (mismatches.length > 0)
        throw new CommandError(
          `${file}: ${mismatches.length} of ${rows} saved rows score otherwise here, by more than ${tolerance}`,
          exitCodes.rejected,
        );
    });
}

async function productionOf(client: Client, pipeline: string): Promise<number> {
  const { items } = await client.models();
  const found = items.find((item) => item.pipeline === pipeline);
  if (found === undefined)
    throw new CommandError(
      `there is no model ${pipeline}; there are ${items.map((item) => item.pipeline).join(', ')}`,
    );
  if (found.production === null)
    throw new CommandError(`${pipeline} has no version in production; name one with --version`);
  return found.production;
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function write(path: string, content: Uint8Array): Promise<void> {
  await writeFile(path, content).catch((error: unknown) => {
    throw fileError('write', path, error);
  });
}
