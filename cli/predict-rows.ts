import { basename } from 'node:path';
import type { PipelineDetail } from '../contracts/http/pipelines.ts';
import type { PredictionResult, PredictResponse } from '../contracts/http/predictions.ts';
import { httpLimits } from '../contracts/http/shared.ts';
import { tableDeclarationSchema } from '../contracts/tables.ts';
import type { Client } from './client.ts';
import { CommandError } from './exit.ts';
import type { Output } from './output.ts';
import { formatExplained, formatResults } from './prediction-results.ts';

type LeftOut = NonNullable<PredictResponse['leftOut']>[number];

/**
 * Predicts from the rows of a file, which go to the service as they are: it makes instances of them as in training.
 * They are sent in parts that keep together what belongs to one entity.
 */
export async function predictRows(asked: {
  client: Client;
  output: Output;
  pipeline: string;
  file: string;
  at: string | undefined;
  asked: { version?: number; explain?: boolean };
}): Promise<void> {
  const { client, output, pipeline, file, at } = asked;
  const { predictFrom, tables } = await client.pipeline(pipeline);
  if (predictFrom === null) throw new CommandError(`${pipeline} predicts from instances only.`);
  // The database comes with it, which no other prediction needs.
  const { NotInferable } = await import('../data/inference/not-inferable.ts');
  const { readRowParts } = await import('../data/row-parts.ts');

  const results: PredictionResult[] = [];
  const leftOut = new Map<string, LeftOut>();
  const send = async ({ table, rows }: { table: string; rows: Record<string, string>[] }) => {
    const answer = await client.predict(pipeline, {
      ...asked.asked,
      tables: { [table]: rows },
      ...(at === undefined ? {} : { at }),
    });
    for (const found of answer.leftOut ?? []) {
      const key = `${found.table} ${found.column} ${found.rule}`;
      leftOut.set(key, { ...found, rows: found.rows + (leftOut.get(key)?.rows ?? 0) });
    }
    const count = answer.predictions.length;
    const time = answer.at === undefined ? '' : ` as of ${answer.at}`;
    output.note(
      `${pipeline} version ${answer.model.version}${time}: ${count} ${count === 1 ? 'prediction' : 'predictions'} from ${rows.length} rows`,
    );
    if (output.json) for (const prediction of answer.predictions) output.write(JSON.stringify(prediction));
    else results.push(...answer.predictions);
  };

  try {
    const { apart, malformed } = await readRowParts({
      path: file,
      tables: candidateTables(predictFrom, tables),
      maxGroups: asked.asked.explain === true ? httpLimits.explainedInstances : httpLimits.instances / 2,
      send,
    });
    for (const { rows, table, column, rule } of leftOut.values())
      output.note(`left out: ${rows} rows by ${rule}${column === null ? '' : ` of ${column}`} (${table})`);
    if (apart > 0) output.note(`left out: ${apart} rows without a value to group them by`);
    if (malformed > 0) output.note(`left out: ${malformed} records that cannot be read`);
  } catch (error) {
    if (error instanceof NotInferable) throw new CommandError(`${basename(file)}: ${error.message}.`);
    throw error;
  }
  if (output.json) return;
  output.write(
    asked.asked.explain === true ? results.map(formatExplained).join('\n\n') : formatResults(results),
  );
}

function candidateTables(
  predictFrom: NonNullable<PipelineDetail['predictFrom']>,
  tables: PipelineDetail['tables'],
) {
  return Object.entries(predictFrom.tables).map(([name, { by }]) => ({
    name,
    by,
    declaration: tableDeclarationSchema.parse(tables[name]),
  }));
}
