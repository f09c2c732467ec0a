import { type InferredTable, scoreName, strongScore } from '../../data/inference/infer-table.ts';
import { type DeclaredTable, declareColumns } from './declared-columns.ts';
import { recipeText } from './recipe-text.ts';
import { rowsSql } from './rows-sql.ts';
import { tableText } from './table-text.ts';
import { taskText, trainingText } from './training-text.ts';
import { comment, flow, scalar } from './yaml-text.ts';

/** The two files of a pipeline's folder. */
export type PipelineText = { yaml: string; sql: string };

/** A pipeline over one inferred table, with what was found and why it was decided in comments. */
export function pipelineText(name: string, inferred: InferredTable): PipelineText {
  const table = declareColumns(inferred);
  const { source, target } = inferred;
  const lines = [
    ...comment(
      '',
      `Written by \`perennial init ${name} --data … --target …\` from ${source.rows.toLocaleString('en')} rows of ${source.file}.`,
    ),
    ...comment(
      '',
      'All of it is yours to change; docs/pipelines.md explains the keys. A start names what cannot work.',
    ),
    ...comment('', ...remarks(inferred)),
    `name: ${name}`,
    `title: ${scalar(titleOf(name))}`,
    `description: ${scalar(`Predicts "${target.name}"${answers(target)} from the other columns of ${source.file}.`)}`,
    '',
    ...tableText(table),
    '',
    ...taskText(table),
    '',
    ...recipeText(table),
    '',
    ...trainingText(table, name),
    '',
    ...comment('', 'Shown to who asks for the pipeline, and what the dashboard’s form begins with.'),
    `example: ${flow(exampleOf(table))}`,
    '',
    ...comment(
      '',
      'What a run takes when it names no source. There is no generator of that name: each run names its data.',
    ),
    `demo: ${scalar(`demo:${name}`)}`,
    '',
  ];
  return { yaml: lines.join('\n'), sql: rowsSql(table) };
}

function answers(target: InferredTable['target']): string {
  if (target.task === 'regression') return '';
  const labels = target.task === 'binary' ? [target.positive, target.negative] : target.classes;
  return ` (${labels.slice(0, -1).join(', ')} or ${labels.at(-1)})`;
}

function titleOf(name: string): string {
  const words = name.replaceAll('-', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function exampleOf({ inferred, columns }: DeclaredTable): Record<string, string | number | null> {
  return Object.fromEntries(columns.map(({ name, rowName }) => [rowName, inferred.example[name] ?? null]));
}

/** What whoever brings a table should look at before trusting the first model. */
export function remarks(inferred: InferredTable): readonly string[] {
  const { source, target, key, columns } = inferred;
  const found: string[] = [];
  if (source.malformed > 0)
    found.push(`${source.malformed} records could not be split into fields and were passed over.`);
  const without = source.rows - target.rows;
  if (without > 0)
    found.push(`${without.toLocaleString('en')} rows have no "${target.name}" and are left out of training.`);
  if (target.task === 'regression' && target.facts.distinctGiven <= 10)
    found.push(
      `"${target.name}" has ${target.facts.distinctGiven} different numbers and is learned as a quantity; if they name classes, say so by --classes.`,
    );
  if (key === null) found.push('No column names the rows: a row is known by its content.');
  for (const { name, reason } of source.unusable) found.push(`"${name}" is passed over: ${reason}.`);
  for (const { facts, use, alone } of columns) {
    const { name, time } = facts;
    if (use.use === 'none') found.push(`"${name}" is no feature. ${use.reason}`);
    else if (alone !== null && alone >= strongScore[target.task])
      found.push(
        `"${name}" alone reaches ${scoreName[target.task]} ${alone.toFixed(3)} on held-out rows: is it known when the model is asked?`,
      );
    if (use.use === 'time' && time?.ambiguous === true)
      found.push(
        `"${name}" may have the day or the month first; it is read as ${time.formats?.join(' or ')}.`,
      );
    if (use.use === 'number' && use.decimalComma) found.push(`"${name}" is read with a decimal comma.`);
  }
  return found;
}
