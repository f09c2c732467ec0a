import { z } from 'zod';
import { declaredNameSchema as name } from './ids.ts';

/** A setting of a run's own that a pipeline declares. */
export const parameterSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('number'),
    description: z.string(),
    default: z.number(),
    min: z.number().optional(),
    max: z.number().optional(),
  }),
  z.strictObject({
    type: z.literal('integer'),
    description: z.string(),
    default: z.int(),
    min: z.int().optional(),
    max: z.int().optional(),
  }),
  z.strictObject({
    type: z.literal('text'),
    description: z.string(),
    default: z.string(),
    oneOf: z.array(z.string()).optional(),
  }),
  /** Empty: none, NULL in the SQL. */
  z.strictObject({
    type: z.literal('date'),
    description: z.string(),
    default: z.union([z.iso.date(), z.literal('')]),
  }),
  z.strictObject({ type: z.literal('boolean'), description: z.string(), default: z.boolean() }),
  /** Names of candidates; the default is all of them. */
  z.strictObject({
    type: z.literal('candidates'),
    description: z.string(),
    default: z.array(name).default([]),
  }),
]);
export type ParameterDeclaration = z.infer<typeof parameterSchema>;
