import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { ArtifactError, isContainer } from '../../ml/artifact/container.ts';
import { type Artifact, decodeArtifact } from '../../ml/artifact.ts';
import { NotExplainable } from '../../ml/explain/explainer.ts';
import { exportLightGbm, exportOnnx } from '../../ml/export/export-model.ts';
import { NotExportable } from '../../ml/export/not-exportable.ts';
import { exportRecipe } from '../../ml/export/recipe-json.ts';
import { verifyGoldenRows } from '../../ml/scorer.ts';
import type { Client } from '../client.ts';
import { contextOf, wholeNumber } from '../context.ts';
import { CommandError, exitCodes } from '../exit.ts';
import { fileError } from '../file-error.ts';
import { createOutput, formatTable, print } from '../output.ts';

/** Other Node versions round some functions otherwise in the last bits. */
const tolerance = 1e-12;
const formats = ['native', 'lightgbm', 'onnx', 'recipe'] as const;
type Format = (typeof formats)[number];

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
        options: { to: string; version?: number; format: Format },
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
      const artifact = readWholeModel(file, bytes);
      const mismatches = refusedAs(file, () => verifyGoldenRows(artifact, tolerance));
      const rows = artifact.goldenRows.length;
      const report = { file, sha256, learner: artifact.learner.name, rows, mismatches };
      print(output, report, () =>
        mismatches.length === 0
          ? `${file}: ${rows} saved rows score the same here (${artifact.learner.name}, SHA-256 ${sha256})`
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

function contentsOf(format: Format, file: string, bytes: Uint8Array): [path: string, content: Uint8Array][] {
  if (format === 'native') return [[file, bytes]];
  const artifact = readModel(file, bytes);
  const encode = (text: string) => new TextEncoder().encode(text);
  return refusedAs(file, () => {
    switch (format) {
      case 'recipe':
        return [[file, encode(exportRecipe(artifact))]];
      case 'lightgbm': {
        const { model, rows } = exportLightGbm(artifact);
        return [
          [file, encode(model)],
          [`${file}.rows.csv`, encode(rows)],
        ];
      }
      case 'onnx': {
        const { model, rows } = exportOnnx(artifact);
        return [
          [file, model],
          [`${file}.rows.csv`, encode(rows)],
        ];
      }
      default:
        return format satisfies never;
    }
  });
}

/** @throws CommandError that says which form is checked, where the file is of another */
function readWholeModel(file: string, bytes: Uint8Array): Artifact {
  if (isContainer(bytes)) return readModel(file, bytes);
  throw new CommandError(
    `${file}: check-model takes a whole version, as \`export\` writes it without --format; this file does not begin with "PERENNIA". LightGBM and ONNX files have their rows beside them, in a .rows.csv, to be checked by their own libraries`,
  );
}

function readModel(file: string, bytes: Uint8Array): Artifact {
  return refusedAs(file, () => decodeArtifact(bytes));
}

/** What a model that is damaged, of another build or of the wrong kind is refused with, under the name of its file. */
function refusedAs<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const isKnown =
      error instanceof ArtifactError ||
      error instanceof NotExportable ||
      error instanceof NotExplainable ||
      error instanceof RangeError;
    throw isKnown ? new CommandError(`${file}: ${error.message}`) : error;
  }
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function write(path: string, content: Uint8Array): Promise<void> {
  await writeFile(path, content).catch((error: unknown) => {
    throw fileError('write', path, error);
  });
}
