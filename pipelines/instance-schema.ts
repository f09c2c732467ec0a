import { z } from 'zod';
import type { Pipeline, RowColumnDeclaration } from '../contracts/pipeline.ts';
import { isStorableText } from '../contracts/storable-text.ts';
import { recipeOf } from '../ml/recipe/declare.ts';
import { parseTimestamp } from '../ml/recipe/timestamp.ts';

type InstanceValue = string | number | null | undefined;
type CheckedInstance = Record<string, InstanceValue>;
export type InstanceSchema = z.ZodType<CheckedInstance>;
/**
 * True of nothing but what the schema takes as it is, told in a tenth of the schema's time. What it is not true of, the
 * schema judges: it says what is wrong.
 */
export type TakesInstance = (value: unknown) => value is CheckedInstance;

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
  takes: TakesInstance;
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
    takes: createTakesInstance(fields),
    jsonSchema: z.toJSONSchema(schema, { io: 'input' }),
    fields: fields.map(([name]) => name),
  };
}

function valueSchema({ kind, min, max, oneOf }: RowColumnDeclaration): z.ZodType<InstanceValue> {
  switch (kind) {
    case 'number':
      return z
        .number()
        .min(min ?? lowest)
        .max(max ?? highest);
    case 'category':
      return oneOf === undefined ? storable(maxLevelCharacters) : z.enum(oneOf);
    case 'text':
      return storable(maxTextCharacters);
    case 'timestamp':
      return z
        .string()
        .refine(isTimestamp, {
          error: 'must be a time as 2018-05-02T10:12:00Z or 2018-05-02 10:12:00',
        })
        .meta({ examples: ['2018-05-02T10:12:00Z', '2018-05-02 10:12:00'] });
    default:
      return kind satisfies never;
  }
}

function createTakesInstance(fields: readonly (readonly [string, RowColumnDeclaration])[]): TakesInstance {
  const known = new Map(
    fields.map(([name, column]) => [name, { required: column.required, takes: createTakesValue(column) }]),
  );
  const required = fields.filter(([, column]) => column.required).length;
  return (value): value is CheckedInstance => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    let found = 0;
    for (const [name, own] of Object.entries(value)) {
      const field = known.get(name);
      if (field === undefined) return false;
      if (own === null || own === undefined ? field.required : !field.takes(own)) return false;
      if (field.required) found += 1;
    }
    return found === required;
  };
}

/** The same as `valueSchema`, of what is neither null nor absent. */
function createTakesValue({ kind, min, max, oneOf }: RowColumnDeclaration): (value: unknown) => boolean {
  const takesText = (maxCharacters: number) => (value: unknown) =>
    typeof value === 'string' && value.length <= maxCharacters && isStorableText(value);
  switch (kind) {
    case 'number': {
      const [from, to] = [min ?? lowest, max ?? highest];
      return (value) => typeof value === 'number' && value >= from && value <= to;
    }
    case 'category': {
      if (oneOf === undefined) return takesText(maxLevelCharacters);
      const levels = new Set<unknown>(oneOf);
      return (value) => levels.has(value);
    }
    case 'text':
      return takesText(maxTextCharacters);
    case 'timestamp':
      return (value) => typeof value === 'string' && isTimestamp(value);
    default:
      return kind satisfies never;
  }
}

/** JSON writes larger numbers too; they are infinite once read. */
const [lowest, highest] = [-Number.MAX_VALUE, Number.MAX_VALUE];
const isTimestamp = (text: string): boolean => !Number.isNaN(parseTimestamp(text));

const storable = (maxCharacters: number) =>
  z.string().max(maxCharacters).refine(isStorableText, {
    error: 'must hold no NUL and no lone surrogate',
  });
