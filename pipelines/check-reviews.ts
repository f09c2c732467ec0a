import { type Pipeline, type ReviewField, reviewFieldSchema } from '../contracts/pipeline.ts';
import { type Fault, unknownName } from './fault.ts';
import { instanceSchema } from './instance-schema.ts';

type Kind = Pipeline['rows']['columns'][string]['kind'];

/** The kinds of columns that a field can fill. */
const kindsOf: Readonly<Record<ReviewField, readonly Kind[]>> = {
  id: ['category', 'text'],
  source: ['category', 'text'],
  title: ['text'],
  text: ['text'],
  rating: ['number'],
  publishedAt: ['timestamp'],
  author: ['category', 'text'],
  url: ['category', 'text'],
  language: ['category'],
};

/** Whether the fields of a review fill what a prediction is made from. */
export function checkReviews(pipeline: Pipeline): Fault[] {
  if (pipeline.task !== 'multiclass' || pipeline.reviews === undefined) return [];
  const { columns } = pipeline.rows;
  const filled = new Map<string, ReviewField>();
  const faults: Fault[] = [];
  for (const field of reviewFieldSchema.options) {
    const column = pipeline.reviews[field];
    if (column === undefined) continue;
    const path = ['reviews', field];
    const kind = columns[column]?.kind;
    const earlier = filled.get(column);
    filled.set(column, field);
    if (kind === undefined) faults.push(...unknownName(path, 'column', column, Object.keys(columns)));
    else if (!kindsOf[field].includes(kind))
      faults.push({ path, message: `"${column}" is a ${kind}, needed: ${kindsOf[field].join(' or ')}` });
    if (earlier !== undefined)
      faults.push({ path, message: `"${column}" is filled by "${earlier}" already` });
  }
  const { fields } = instanceSchema(pipeline);
  const lacking = fields.filter((field) => columns[field]?.required === true && !filled.has(field));
  return [
    ...faults,
    ...lacking.map((field) => ({
      path: ['reviews'],
      message: `nothing of a review fills "${field}", which every prediction needs`,
    })),
  ];
}
