import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { DeploymentStarted, Ledger, ModelList, ModelVersionList } from '../../contracts/http/models.ts';
import type { Client } from '../client.ts';
import { contextOf, wholeNumber } from '../context.ts';
import { CommandError, exitCodes } from '../exit.ts';
import { dash, formatEstimate, formatTable, formatTime, print } from '../output.ts';

const deploymentWait = { forMs: 60_000, everyMs: 250 };

export function addModelsCommands(program: Command): void {
  program
    .command('models')
    .description('the models, or the versions of one')
    .argument('[pipeline]')
    .option('--limit <number>', 'at most so many versions', wholeNumber, 20)
    .action(async (pipeline: string | undefined, options: { limit: number }, command: Command) => {
      const { client, output } = contextOf(command);
      if (pipeline === undefined) print(output, await client.models(), formatModels);
      else print(output, await client.versions(pipeline, options), formatVersions);
    });

  program
    .command('promote')
    .description('put a version in production')
    .argument('<pipeline>')
    .argument('<version>', 'its number', wholeNumber)
    .option('--reason <text>', 'recorded in the ledger')
    .action(async (pipeline: string, version: number, options: { reason?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const started = await client.promote(pipeline, version, options.reason);
      print(output, await awaitDeployment(client, started), formatLedgerEntry);
    });

  program
    .command('rollback')
    .description('put the version before the present one back in production')
    .argument('<pipeline>')
    .option('--to <version>', 'instead of the one before', wholeNumber)
    .option('--reason <text>', 'recorded in the ledger')
    .action(async (pipeline: string, options: { to?: number; reason?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const started = await client.rollback(pipeline, { version: options.to, reason: options.reason });
      print(output, await awaitDeployment(client, started), formatLedgerEntry);
    });

  program
    .command('ledger')
    .description('what was in production, when, by whom and why')
    .argument('<pipeline>')
    .option('--at <time>', 'as of this moment, RFC 3339')
    .option('--limit <number>', 'at most so many', wholeNumber, 20)
    .action(async (pipeline: string, options: Record<string, string | number>, command: Command) => {
      const { client, output } = contextOf(command);
      print(output, await client.ledger(pipeline, options), formatLedger);
    });
}

type LedgerEntry = Ledger['items'][number];

async function awaitDeployment(client: Client, started: DeploymentStarted): Promise<LedgerEntry> {
  const until = Date.now() + deploymentWait.forMs;
  while (Date.now() < until) {
    const { entry, failure } = await client.deployment(started.pipeline, started.requestId);
    if (entry !== null) return entry;
    if (failure !== null)
      throw new CommandError(
        `version ${started.version} of ${started.pipeline} did not come into production: ${failure.message}`,
        exitCodes.failed,
      );
    await delay(deploymentWait.everyMs);
  }
  throw new CommandError(
    `version ${started.version} of ${started.pipeline} was not in production after ${deploymentWait.forMs / 1000} s; ` +
      `its workflow is ${started.workflowId}: ${started.links.temporal}`,
    exitCodes.failed,
  );
}

function formatLedgerEntry(entry: LedgerEntry): string {
  const from = entry.fromVersion === null ? '' : `, in place of version ${entry.fromVersion}`;
  return `version ${entry.toVersion} is in production${from} (${entry.action}, ${formatTime(entry.at)})`;
}

function formatModels(list: ModelList): string {
  return formatTable(
    ['model', 'title', 'versions', 'latest', 'production'],
    list.items.map((model) => [
      model.pipeline,
      model.title,
      String(model.versions),
      model.latest === null ? dash : String(model.latest),
      model.production === null ? dash : String(model.production),
    ]),
  );
}

function formatVersions(list: ModelVersionList): string {
  if (list.items.length === 0) return 'no versions';
  const metrics = [...new Set(list.items.flatMap((version) => Object.keys(version.metrics)))].slice(0, 5);
  return formatTable(
    ['version', 'alias', 'candidate', ...metrics, 'gate', 'created'],
    list.items.map((version) => [
      String(version.version),
      version.aliases.join(', '),
      version.candidate,
      ...metrics.map((metric) => formatEstimate(version.metrics[metric], version.intervals[metric])),
      version.verdict?.outcome ?? dash,
      formatTime(version.createdAt),
    ]),
  );
}

function formatLedger(ledger: Ledger): string {
  if (ledger.items.length === 0) return 'nothing was ever in production';
  return formatTable(
    ['at', 'action', 'from', 'to', 'by', 'reason'],
    ledger.items.map((entry) => [
      formatTime(entry.at),
      entry.action,
      entry.fromVersion === null ? dash : String(entry.fromVersion),
      String(entry.toVersion),
      entry.actor,
      entry.reason,
    ]),
  );
}
