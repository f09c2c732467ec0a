import type { Pipeline } from '../contracts/pipeline.ts';
import { type Fault, unknownName } from './fault.ts';

/** The columns that topics read, and the numbers of them. */
export function checkTopics(pipeline: Pipeline): Fault[] {
  if (pipeline.task !== 'multiclass' || pipeline.topics === undefined) return [];
  const { columns, time, count } = pipeline.topics;
  const named = (kind: string) =>
    Object.entries(pipeline.rows.columns).flatMap(([name, column]) => (column.kind === kind ? [name] : []));
  const faults = columns.flatMap((column, place) =>
    unknownName(['topics', 'columns', place], 'text column', column, named('text')),
  );
  if (time !== undefined)
    faults.push(...unknownName(['topics', 'time'], 'timestamp column', time, named('timestamp')));
  if (typeof count === 'object' && count.from > count.to)
    faults.push({
      path: ['topics', 'count', 'to'],
      message: `${count.to} is less than the ${count.from} of "from"`,
    });
  return faults;
}
