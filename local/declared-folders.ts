import { existsSync, statSync } from 'node:fs';
import { type Config, ConfigError } from '../config/config.ts';

/**
 * Refuses, before anything is started, what the API and the worker could not run with.
 * @throws ConfigError, InvalidPipelines
 */
export async function checkDeclaredFolders(
  config: Pick<
    Config,
    'ownPipelinesDir' | 'pipelinesDir' | 'collectorsDir' | 'settingsFile' | 'sourceRoots' | 'home'
  >,
): Promise<void> {
  const { home, pipelinesDir, collectorsDir, settingsFile, sourceRoots } = config;
  if (statSync(home, { throwIfNoEntry: false })?.isDirectory() === false)
    requireFolder('PERENNIAL_HOME', home);
  for (const root of sourceRoots) requireFolder('SOURCE_ROOTS', root);
  if (collectorsDir !== undefined) requireFolder('COLLECTORS_DIR', collectorsDir);
  const isShippedOnly = pipelinesDir === undefined && !existsSync(config.ownPipelinesDir);
  if (isShippedOnly && settingsFile === undefined) return;
  if (pipelinesDir !== undefined) requireFolder('PIPELINES_DIR', pipelinesDir);
  // Loaded here only: it brings the learners, which the start does without otherwise.
  const { loadConfiguredPipelines } = await import('../pipelines/registry.ts');
  loadConfiguredPipelines(config);
}

function requireFolder(variable: string, folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new ConfigError(`${variable} names ${JSON.stringify(folder)}, which is no folder.`);
}
