import type { Pipeline } from '../contracts/pipeline.ts';
import { recipeOf } from '../ml/recipe/declare.ts';
import { type Fault, unknownName } from './fault.ts';

/** The columns that topics read, and the numbers of them. */
export function checkTopics(pipeline: Pipeline): Fault[] {
  if (pipeline.task !== 'multiclass' || pipeline.topics === undefined) return [];
  const { columns, time, count } = pipeline.topics;
  // Predictions have no other columns than those that features read.
  const texts = recipeOf(pipeline, []).inputs.flatMap(({ name, kind }) => (kind === 'text' ? [name] : []));
  const times = Object.entries(pipeline.rows.columns).flatMap(([name, { kind }]) =>
    kind === 'timestamp' ? [name] : [],
  );
  const faults = columns.flatMap((column, place) =>
    unknownName(['topics', 'columns', place], 'text that features read', column, texts),
  );
  if (time !== undefined) faults.push(...unknownName(['topics', 'time'], 'timestamp column', time, times));
  if (typeof count === 'object' && count.from > count.to)
    faults.push({
      path: ['topics', 'count', 'to'],
      message: `${count.to} is less than the ${count.from} of "from"`,
    });
  return faults;
}
