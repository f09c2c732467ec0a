import type { Command } from 'commander';
import type { PredictionList, PredictionResult } from '../../contracts/http/predictions.ts';
import { httpLimits } from '../../contracts/http/shared.ts';
import { contextOf, wholeNumber } from '../context.ts';
import { readInstances } from '../instances.ts';
import { dash, formatNumber, formatTable, formatTime, print } from '../output.ts';
import { predictRows } from '../predict-rows.ts';
import { formatExplained, formatResults } from '../prediction-results.ts';

type PredictOptions = { version?: number; explain?: boolean; data?: string; at?: string };

export function addPredictCommands(program: Command): void {
  program
    .command('predict')
    .description(
      'predictions for JSON or NDJSON from a file or standard input, or for rows of a table; with --json one a line',
    )
    .argument('<pipeline>')
    .argument('[file]', 'one object, an array, or one object a line', '-')
    .option('--version <number>', 'instead of the version in production', wholeNumber)
    .option('--explain', 'what each feature adds to each prediction')
    .option('--data <file>', 'rows of a table, as .csv, .parquet or .xlsx, of which the instances are made')
    .option('--at <time>', 'with --data: the reference time; default: that of the version')
    .action(async (pipeline: string, file: string, options: PredictOptions, command: Command) => {
      const { client, output } = contextOf(command);
      const { explain = false, version, data, at } = options;
      const asked = { ...(version === undefined ? {} : { version }), ...(explain ? { explain } : {}) };
      if (data !== undefined) {
        await predictRows({ client, output, pipeline, file: data, at, asked });
        return;
      }
      const instances = await readInstances(file);
      const results: PredictionResult[] = [];
      const inPart = explain ? httpLimits.explainedInstances : httpLimits.instances;
      for (let from = 0; from < instances.length; from += inPart) {
        const answer = await client.predict(pipeline, {
          instances: instances.slice(from, from + inPart),
          ...asked,
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
