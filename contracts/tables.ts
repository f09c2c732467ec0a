import { z } from 'zod';
import { declaredNameSchema as name } from './ids.ts';

/** The tables of a source as a pipeline declares them: their files, columns, keys and filters. */

const severity = z.enum(['fatal', 'quarantine', 'warn']);

const encoding = z.enum(['utf-8', 'latin-1', 'windows-1252']);

const columnDeclarationSchema = z.strictObject({
  type: z.enum(['text', 'integer', 'number', 'boolean', 'date', 'timestamp']),
  description: z.string().optional(),
  /** Other names under which the column may arrive. */
  aliases: z.array(name).default([]),
  /** The column must be in the file. */
  required: z.boolean().default(true),
  /** An empty value is an offence of this severity; absent: empty values are fine. */
  notNull: severity.optional(),
  unique: severity.optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  oneOf: z.array(z.string()).min(1).optional(),
  pattern: z.string().optional(),
  /** Of this column in a CSV file, tried in order. Default: the table's. */
  encodings: z.array(encoding).min(1).optional(),
  /** strptime formats, tried in order. Default: ISO 8601. */
  formats: z.array(z.string()).min(1).optional(),
  /** What happens to a value that breaks type, min, max, oneOf or pattern. */
  severity: severity.default('quarantine'),
  /** Share of empty values above which the table is flagged (always `warn`). Overrides the table's. */
  maxNullShare: z.number().min(0).max(1).optional(),
});
export type ColumnDeclaration = z.infer<typeof columnDeclarationSchema>;

/** A number or a day, or the parameter of the run that says it; an empty parameter bounds nothing. */
const filterBoundSchema = z.union([z.number(), z.iso.date(), z.strictObject({ parameter: name })]);

/** Rows outside are left out before any check: they are not what the pipeline is about, and nothing is wrong with them. */
const filterSchema = z.strictObject({
  column: name,
  reason: z.string(),
  oneOf: z.array(z.string()).min(1).optional(),
  /** Both inclusive; of a timestamp, whole days of UTC. */
  from: filterBoundSchema.optional(),
  to: filterBoundSchema.optional(),
});
export type FilterDeclaration = z.infer<typeof filterSchema>;

export const tableDeclarationSchema = z.strictObject({
  description: z.string().optional(),
  /** File names or globs, matched in order against the names in a source. */
  files: z.array(name).min(1),
  optional: z.boolean().default(false),
  encodings: z.array(encoding).min(1).default(['utf-8']),
  /** Of a spreadsheet. Default: the first that is not hidden. */
  sheet: z.string().min(1).max(31).optional(),
  delimiter: z.enum([',', ';', '\t', '|']).default(','),
  maxNullShare: z.number().min(0).max(1).default(1),
  primaryKey: z.array(name).optional(),
  primaryKeySeverity: severity.default('quarantine'),
  foreignKeys: z
    .array(
      z.strictObject({
        columns: z.array(name).min(1),
        table: name,
        to: z.array(name).min(1),
        severity: severity.default('warn'),
      }),
    )
    .default([]),
  /** By the name of the rule, tried in order. A value that is empty or cannot be read is left to the checks. */
  filters: z.record(name, filterSchema).optional(),
  columns: z.record(name, columnDeclarationSchema),
});
export type TableDeclaration = z.infer<typeof tableDeclarationSchema>;
