import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { readConfig } from '../../config/config.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import type { InferredTable } from '../../data/inference/infer-table.ts';
import { CommandError } from '../exit.ts';
import { fileError } from '../file-error.ts';
import { createOutput, print } from '../output.ts';
import { formatFindings, type Initialised } from '../table-findings.ts';
import { findUploadFiles } from '../upload.ts';

type Options = {
  data: string;
  target: string;
  to?: string;
  keep?: string;
  classes?: boolean;
  force?: boolean;
};

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('write a pipeline for a table of your own, inferred from the table; needs no service')
    .argument('<name>', 'of the pipeline, and of its folder')
    .requiredOption('--data <file>', 'the table, as .csv, .tsv, .txt, .parquet or .xlsx')
    .requiredOption('--target <column>', 'what is to be predicted')
    .option(
      '--to <folder>',
      'where the folder is made; default: PIPELINES_DIR, else pipelines/ in the home folder',
    )
    .option(
      '--keep <columns>',
      'columns, separated by commas, that stay features though they look like identifiers or leaks',
    )
    .option('--classes', 'the numbers of the target name classes')
    .option('--force', 'overwrite the declaration that is there')
    .action(async (name: string, options: Options, command: Command) => {
      const { json = false } = command.optsWithGlobals<{ json?: boolean }>();
      const output = createOutput({ json });
      print(output, await initialise(name, options), formatFindings);
    });
}

async function initialise(name: string, options: Options): Promise<Initialised> {
  const named = pipelineNameSchema.safeParse(name);
  if (!named.success)
    throw new CommandError(`"${name}" names no pipeline: ${named.error.issues[0]?.message ?? ''}.`);
  const config = readConfig();
  // The learners and the database come with them, which no other command needs.
  const { pipelineFolders } = await import('../../pipelines/registry.ts');
  const { rowsWithValue } = await import('../../data/inference/column-use.ts');
  const { pipelineText, remarks } = await import('../../pipelines/init/pipeline-text.ts');
  const { FolderExists, writeFolder } = await import('../../pipelines/init/write-folder.ts');

  const parent = resolve(options.to ?? config.pipelinesDir ?? config.ownPipelinesDir);
  const namesake = pipelineFolders(config).find(
    (folder) => resolve(folder) !== parent && existsSync(join(folder, name, 'pipeline.yaml')),
  );
  if (namesake !== undefined)
    throw new CommandError(`There is a pipeline "${name}" already, in ${join(namesake, name)}.`);
  // Before the table is read, which may take a while.
  if (options.force !== true && existsSync(join(parent, name)))
    throw new CommandError(new FolderExists(join(parent, name)).message);

  const inferred = await infer(options, config.cpuSlots);
  const folder = await writeFolder({
    parent,
    name,
    text: pipelineText(name, inferred),
    overwrite: options.force === true,
  }).catch((error: unknown) => {
    if (error instanceof FolderExists) throw new CommandError(error.message);
    throw fileError('write', parent, error);
  });
  const isRead = [...pipelineFolders(config), config.ownPipelinesDir].some(
    (read) => resolve(read) === parent,
  );
  return {
    pipeline: name,
    folder,
    data: options.data,
    task: inferred.target.task,
    target: inferred.target.name,
    rows: inferred.source.rows,
    key: inferred.key,
    columns: inferred.columns.map(({ facts, use, alone }) => ({
      column: facts.name,
      use: use.use === 'none' ? use.why : use.use,
      missing: 1 - rowsWithValue(facts, use) / facts.rows,
      distinct: facts.distinctGiven,
      alone,
    })),
    remarks: remarks(inferred),
    // Where the service does not look by itself.
    pipelinesDir: isRead ? null : parent,
  };
}

async function infer({ data, target, keep, classes }: Options, threads: number): Promise<InferredTable> {
  const files = await findUploadFiles(data);
  const [file, ...others] = files;
  if (file === undefined || others.length > 0)
    throw new CommandError(`${data}: a pipeline is inferred from one file; the folder holds ${files.length}`);
  const { inferTable } = await import('../../data/inference/infer-table.ts');
  const { NotInferable } = await import('../../data/inference/not-inferable.ts');
  const kept = (keep ?? '').split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  try {
    return await inferTable({ path: file.path, target, keep: kept, namesClasses: classes === true, threads });
  } catch (error) {
    throw error instanceof NotInferable ? new CommandError(error.message) : error;
  }
}
