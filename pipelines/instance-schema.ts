import { z } from 'zod';
import type { Pipeline, RowColumnDeclaration } from '../contracts/pipeline.ts';
import { recipeOf } from '../ml/recipe/declare.ts';
import { parseTimestamp } from '../ml/recipe/timestamp.ts';

export type InstanceValue = string | number | null | undefined;
export type InstanceSchema = z.ZodType<Record<string, InstanceValue>>;

const maxLevelCharacters = 256;
const maxTextCharacters = 100_000;

/**
 * What one instance of a prediction request is held to. Its fields are the row columns that features read, and
 * those declared `required`, such as one that only filters. Where a column declares `oneOf`, another value is
 * refused; without it any text is taken, and a level never seen in training counts as unseen. A field that is not
 * required may be absent or null. Unknown fields are refused by name.
 */
export function instanceSchema(pipeline: Pipeline): {
  schema: InstanceSchema;
  jsonSchema: Record<string, unknown>;
  fields: readonly string[];
} {
  const read = new Set(recipeOf(pipeline, []).inputs.map(({ name }) => name));
  const { columns, asOf } = pipeline.rows;
  const wanted = ([name, { required }]: [string, RowColumnDeclaration]): boolean =>
    read.has(name) || required || (name === asOf && pipeline.lookups.length > 0);
  const fields = Object.entries(columns).filter(wanted);
  const schema = z.strictObject(
    Object.fromEntries(
      fields.map(([name, column]) => {
        const value = valueSchema(column);
        return [name, (column.required ? value : value.nullish()).describe(column.description)];
      }),
    ),
  );
  return {
    schema,
    jsonSchema: z.toJSONSchema(schema, { io: 'input' }),
    fields: fields.map(([name]) => name),
  };
}

/** The declaration's `example`; the registry has checked that it is complete. */
export const exampleInstance = (pipeline: Pipeline): Record<string, InstanceValue> => pipeline.example;

function valueSchema({ kind, min, max, oneOf }: RowColumnDeclaration): z.ZodType<InstanceValue> {
  switch (kind) {
    case 'number':
      return z
        .number()
        .min(min ?? -Number.MAX_VALUE)
        .max(max ?? Number.MAX_VALUE);
    case 'category':
      return oneOf === undefined ? storable(maxLevelCharacters) : z.enum(oneOf);
    case 'text':
      return storable(maxTextCharacters);
    case 'timestamp':
      return z
        .string()
        .refine((text) => !Number.isNaN(parseTimestamp(text)), {
          error: 'must be a time as 2018-05-02T10:12:00Z or 2018-05-02 10:12:00',
        })
        .meta({ examples: ['2018-05-02T10:12:00Z', '2018-05-02 10:12:00'] });
    default:
      return kind satisfies never;
  }
}

/** Postgres stores neither NUL nor half of a surrogate pair: one such text would fail a whole flush. */
const storable = (maxCharacters: number) =>
  z
    .string()
    .max(maxCharacters)
    .refine((text) => !text.includes('\u0000') && !/\p{Surrogate}/u.test(text), {
      error: 'must hold no NUL and no lone surrogate',
    });
