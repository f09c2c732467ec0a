import type { Command } from 'commander';
import type { PredictionList, PredictionResult } from '../../contracts/http/predictions.ts';
import { httpLimits } from '../../contracts/http/shared.ts';
import { contextOf, wholeNumber } from '../context.ts';
import { formatExplanation } from '../explanation.ts';
import { readInstances } from '../instances.ts';
import { dash, formatNumber, formatTable, formatTime, print } from '../output.ts';

type PredictOptions = { version?: number; explain?: boolean };

export function addPredictCommands(program: Command): void {
  program
    .command('predict')
    .description('predictions for JSON or NDJSON from a file or standard input; with --json one a line')
    .argument('<pipeline>')
    .argument('[file]', 'one object, an array, or one object a line', '-')
    .option('--version <number>', 'instead of the version in production', wholeNumber)
    .option('--explain', 'what each feature adds to each prediction')
    .action(async (pipeline: string, file: string, options: PredictOptions, command: Command) => {
      const { client, output } = contextOf(command);
      const { explain = false, version } = options;
      const instances = await readInstances(file);
      const results: PredictionResult[] = [];
      const inPart = explain ? httpLimits.explainedInstances : httpLimits.instances;
      for (let from = 0; from < instances.length; from += inPart) {
        const answer = await client.predict(pipeline, {
          instances: instances.slice(from, from + inPart),
          ...(version === undefined ? {} : { version }),
          ...(explain ? { explain } : {}),
        });
        // Told at each part: a promotion in between is seen.
        const count = answer.predictions.length;
        output.note(
          `${pipeline} version ${answer.model.version}: ${count} ${count === 1 ? 'prediction' : 'predictions'}`,
        );
        if (output.json)
          for (const prediction of answer.predictions) output.write(JSON.stringify(prediction));
        else results.push(...answer.predictions);
      }
      if (output.json) return;
      output.write(explain ? results.map(formatExplained).join('\n\n') : formatResults(results));
    });

  program
    .command('predictions')
    .description('the work list: what was predicted, by tier')
    .option('--pipeline <name>')
    .option('--tier <tier>')
    .option('--label <label>')
    .option('--version <number>', 'of the model', wholeNumber)
    .option('--from <time>', 'RFC 3339, inclusive')
    .option('--to <time>', 'RFC 3339, exclusive')
    .option('--limit <number>', 'at most so many', wholeNumber, 50)
    .option('--cursor <cursor>', 'nextCursor of the page before')
    .action(async (options: Record<string, string | number>, command: Command) => {
      const { client, output } = contextOf(command);
      print(output, await client.predictions(options), formatPredictions);
    });
}

/** A regression has no probability and a pipeline may have no tiers: columns that would hold nothing are left out. */
function formatResults(results: readonly PredictionResult[]): string {
  const columns: readonly [string, (result: PredictionResult) => string | undefined][] = [
    ['prediction', ({ id }) => id],
    ['result', ({ label, segment, value }) => label ?? segment?.toString() ?? formatNumber(value)],
    ['probability', ({ probability }) => (probability === undefined ? undefined : formatNumber(probability))],
    ['tier', ({ tier }) => tier],
    ['action', ({ action }) => action],
  ];
  const filled = columns.filter(([, read]) => results.some((result) => read(result) !== undefined));
  return formatTable(
    filled.map(([heading]) => heading),
    results.map((result) => filled.map(([, read]) => read(result) ?? dash)),
  );
}

function formatExplained(result: PredictionResult): string {
  const table = formatResults([result]);
  return result.explanation === undefined ? table : `${table}\n\n${formatExplanation(result.explanation)}`;
}

function formatPredictions(list: PredictionList): string {
  if (list.items.length === 0) return 'no predictions';
  const table = formatTable(
    ['at', 'prediction', 'pipeline', 'version', 'label', 'score', 'tier', 'action'],
    list.items.map((item) => [
      formatTime(item.at),
      item.id,
      item.pipeline,
      String(item.version),
      item.label ?? dash,
      formatNumber(item.score),
      item.tier ?? dash,
      item.action ?? dash,
    ]),
  );
  return list.nextCursor === null ? table : `${table}\nmore: --cursor ${list.nextCursor}`;
}
