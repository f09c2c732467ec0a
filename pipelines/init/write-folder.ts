import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { learners } from '../../ml/learners/registry.ts';
import { loadPipeline } from '../load-pipeline.ts';
import { InvalidPipelines } from '../yaml-file.ts';
import type { PipelineText } from './pipeline-text.ts';

/** Thrown where a pipeline's folder is there already. */
export class FolderExists extends Error {
  override readonly name = 'FolderExists';
  constructor(folder: string) {
    super(`${folder} exists already; --force overwrites its pipeline.yaml and rows.sql`);
  }
}

/**
 * Writes `<parent>/<name>/`, whole or not at all, once it has been loaded as a start would load it.
 *
 * @returns the folder
 * @throws FolderExists, InvalidPipelines
 */
export async function writeFolder(input: {
  parent: string;
  name: string;
  text: PipelineText;
  overwrite: boolean;
}): Promise<string> {
  const { parent, name, text } = input;
  const folder = join(parent, name);
  const exists = existsSync(folder);
  if (exists && !input.overwrite) throw new FolderExists(folder);
  await mkdir(parent, { recursive: true });
  // Beside its place, so that it moves there in one step; a folder of this name is no pipeline.
  const draft = await mkdtemp(join(parent, '.init-'));
  try {
    const drafted = join(draft, name);
    await mkdir(drafted);
    await writeFile(join(drafted, 'pipeline.yaml'), text.yaml);
    await writeFile(join(drafted, 'rows.sql'), text.sql);
    const { problems } = loadPipeline({ folder: drafted, name, settings: undefined, learners });
    if (problems.length > 0) throw new InvalidPipelines(problems);
    if (!exists) await rename(drafted, folder);
    else
      for (const file of ['pipeline.yaml', 'rows.sql']) await rename(join(drafted, file), join(folder, file));
    return folder;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
