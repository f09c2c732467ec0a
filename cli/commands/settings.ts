import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readConfig } from '../../config/config.ts';
import type { SettingsChange } from '../../contracts/settings.ts';
import { CommandError } from '../exit.ts';
import { createOutput, print } from '../output.ts';
import { formatChanges } from '../settings-changes.ts';

type Checked = {
  /** Null where the installation has no settings file. */
  file: string | null;
  pipelines: { pipeline: string; settingsSha256: string | null; changes: readonly SettingsChange[] }[];
};

export function addSettingsCommand(program: Command): void {
  program
    .command('settings')
    .description("this installation's changes to its pipelines")
    .command('check')
    .description(
      'check pipelines and settings file as a start would, without a service, and show what the file changes',
    )
    .argument('[file]', 'default: PERENNIAL_SETTINGS, else perennial.yaml here')
    .action(async (file: string | undefined, _options: unknown, command: Command) => {
      const { json = false } = command.optsWithGlobals<{ json?: boolean }>();
      print(createOutput({ json }), await check(file), format);
    });
}

async function check(file: string | undefined): Promise<Checked> {
  const config = readConfig();
  const settingsFile = file === undefined ? config.settingsFile : resolve(file);
  // They bring the learners, which no other command needs.
  const { loadConfiguredPipelines } = await import('../../pipelines/registry.ts');
  const { InvalidPipelines } = await import('../../pipelines/yaml-file.ts');
  try {
    const loaded = loadConfiguredPipelines({ ...config, settingsFile });
    const pipelines = [...loaded.values()].map(({ name, settings: { sha256, changes } }) => ({
      pipeline: name,
      settingsSha256: sha256,
      changes,
    }));
    return { file: settingsFile ?? null, pipelines };
  } catch (error) {
    if (error instanceof InvalidPipelines) throw new CommandError(error.message);
    throw error;
  }
}

function format({ file, pipelines }: Checked): string {
  const changed = pipelines.filter(({ changes }) => changes.length > 0);
  const head = `${file ?? 'no settings file'}: ${pipelines.length} pipelines checked, ${changed.length} changed`;
  const parts = changed.map(({ pipeline, settingsSha256, changes }) => {
    const hash = settingsSha256 === null ? '' : `, settings ${settingsSha256}`;
    return `${pipeline}${hash}\n${formatChanges(changes)}`;
  });
  return [head, ...parts].join('\n\n');
}
