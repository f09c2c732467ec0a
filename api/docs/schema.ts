import { z } from 'zod';

/** As much of JSON Schema as the generated document uses. */
const schemaSchema = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  description: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  default: z.unknown().optional(),
  example: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
});
export type Schema = z.infer<typeof schemaSchema>;

export const schemaOf = (given: unknown): Schema =>
  typeof given === 'object' && given !== null ? schemaSchema.parse(given) : {};

export const refName = (ref: string): string => ref.split('/').at(-1) ?? ref;

/** One line that says what a value is: `array of Run`, `string (uuid)`, `"train" | "deploy"`, `integer 1 to 200`. */
export function typeName(schema: Schema): string {
  if (schema.$ref !== undefined) return refName(schema.$ref);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map((one) => typeName(schemaOf(one))))].join(' | ');
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['any']);
  return types
    .map((type) => (type === 'array' ? arrayName(schema) : type + details(schema, type)))
    .join(' | ');
}

function arrayName({ items, minItems, maxItems }: Schema): string {
  const bounds = maxItems === undefined ? '' : ` of ${minItems ?? 0} to ${maxItems}`;
  return `array${bounds} of ${typeName(schemaOf(items))}`;
}

function details({ format, minimum, maximum, additionalProperties }: Schema, type: string): string {
  if (type === 'object' && typeof additionalProperties === 'object' && additionalProperties !== null) {
    const values = typeName(schemaOf(additionalProperties));
    return values === 'any' ? '' : ` of ${values}`;
  }
  if (format !== undefined) return ` (${format})`;
  if (type !== 'integer' && type !== 'number') return '';
  // The bounds of exact integers say nothing to a reader.
  const isBound = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  if (isBound(minimum) && isBound(maximum)) return ` ${minimum} to ${maximum}`;
  if (isBound(minimum)) return ` from ${minimum}`;
  return isBound(maximum) ? ` up to ${maximum}` : '';
}
