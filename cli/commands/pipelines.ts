import type { Command } from 'commander';
import type { PipelineDetail, PipelineSummary } from '../../contracts/http/pipelines.ts';
import { contextOf } from '../context.ts';
import { dash, formatTable, print } from '../output.ts';
import { flagOfParameter } from '../run-parameters.ts';
import { formatChanges } from '../settings-changes.ts';

export function addPipelinesCommand(program: Command): void {
  program
    .command('pipelines')
    .description('the pipelines, or one with its parameters, candidates and an example')
    .argument('[pipeline]')
    .action(async (name: string | undefined, _options: unknown, command: Command) => {
      const { client, output } = contextOf(command);
      if (name === undefined) print(output, await client.pipelines(), ({ items }) => formatList(items));
      else print(output, await client.pipeline(name), formatDetail);
    });
}

function formatList(items: readonly PipelineSummary[]): string {
  return formatTable(
    ['pipeline', 'task', 'predicts at', 'production', 'candidates'],
    items.map((pipeline) => [
      pipeline.name,
      pipeline.task,
      pipeline.moment,
      pipeline.production === null ? dash : String(pipeline.production),
      pipeline.candidates.join(', '),
    ]),
  );
}

function formatDetail(pipeline: PipelineDetail): string {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
  return [
    `${pipeline.name}: ${pipeline.title}`,
    pipeline.description.trim(),
    formatTable(
      ['parameter', 'type', 'default', 'says'],
      Object.entries(pipeline.parameters).map(([name, parameter]) => [
        `--${flagOfParameter(name)}`,
        text(parameter.type),
        text(parameter.default),
        text(parameter.description ?? ''),
      ]),
    ),
    formatTable(
      ['candidate', 'learner'],
      Object.entries(pipeline.candidates).map(([name, candidate]) => [name, text(candidate.learner)]),
    ),
    ...(pipeline.tiers.length === 0
      ? []
      : [
          formatTable(
            ['tier', 'from', 'action'],
            pipeline.tiers.map((tier) => [tier.title, String(tier.from), tier.action]),
          ),
        ]),
    ...(pipeline.threshold === null ? [] : [`threshold: ${text(pipeline.threshold)}`]),
    `gate: ${text(pipeline.gate)}`,
    ...(pipeline.settings.changes.length === 0
      ? []
      : [`set by this installation's settings file:\n${formatChanges(pipeline.settings.changes)}`]),
    `source when none is named: ${pipeline.defaultSource}`,
    `example of an instance:\n${JSON.stringify(pipeline.example, null, 2)}`,
  ].join('\n\n');
}
