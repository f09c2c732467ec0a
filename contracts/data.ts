import { z } from 'zod';
import { sha256Schema } from './ids.ts';

/** What travels between activities about data: references and small facts, never rows. */

/** Bytes in the store, named by their content. */
export const blobRefSchema = z.object({ sha256: sha256Schema, bytes: z.int().nonnegative() });
export type BlobRef = z.infer<typeof blobRefSchema>;

/**
 * A snapshot's id is the hash of the pipeline's table declarations and the sorted hashes of the source files.
 * The raw files themselves are in the store: they are what is read again, and what offending rows are quoted from.
 */
export const snapshotSchema = z.object({
  id: sha256Schema,
  source: z.string(),
  files: z.array(
    z.object({
      name: z.string(),
      table: z.string().nullable(),
      blob: blobRefSchema,
      format: z.enum(['csv', 'parquet', 'xlsx']),
    }),
  ),
  /** Files of the source that no table declares. */
  ignoredFiles: z.array(z.string()),
  /** The pre-joined table is used in place of the raw ones. */
  joined: z.boolean(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

const offenceSchema = z.object({
  /** 1-based line of the record's first line in the file; null for Parquet and spreadsheets. */
  line: z.int().nullable(),
  /** 1-based number of the record, the header not counted; of a spreadsheet the number that it shows. */
  row: z.int(),
  /** Only where the table has several files. */
  file: z.string().optional(),
  value: z.string().nullable(),
  message: z.string(),
});

const checkSchema = z.object({
  table: z.string(),
  /** `columns-present`, `type`, `not-null`, `range`, `one-of`, `pattern`, `unique`, `foreign-key`, `null-share`, `malformed`, … */
  check: z.string(),
  column: z.string().nullable(),
  severity: z.enum(['fatal', 'quarantine', 'warn']),
  offences: z.int().nonnegative(),
  share: z.number(),
  message: z.string(),
  file: z.string().nullable(),
  /** At most 20. */
  examples: z.array(offenceSchema).max(20),
});

const leftOutSchema = z.record(z.string(), z.object({ count: z.int(), reason: z.string() }));

const tableReportSchema = z.object({
  table: z.string(),
  file: z.string().nullable(),
  verdict: z.enum(['passed', 'flagged', 'failed', 'absent']),
  rowsIn: z.int(),
  kept: z.int(),
  quarantined: z.int(),
  /** Rule → rows outside it; absent where the table declares no filter. */
  filtered: leftOutSchema.optional(),
  extraColumns: z.array(z.string()),
  nullShares: z.record(z.string(), z.number()),
});

/** rows in = kept + quarantined + filtered, by table; entity rows = kept + excluded by a named rule, in `rows`. */
export const validationReportSchema = z.object({
  snapshotId: sha256Schema,
  verdict: z.enum(['passed', 'flagged', 'failed']),
  tables: z.array(tableReportSchema),
  checks: z.array(checkSchema),
  ignoredFiles: z.array(z.string()),
});
export type ValidationReport = z.infer<typeof validationReportSchema>;

export const rowsReportSchema = z.object({
  entities: z.int(),
  kept: z.int(),
  /** Rule → count, as `rows.sql` says in its `excluded` column. */
  excluded: leftOutSchema,
  cleaning: z.array(z.string()),
  trainRows: z.int(),
  holdOutRows: z.int(),
  nullShares: z.record(z.string(), z.number()),
  /** Feature → why no model gets it. Absent in the reports of before it was looked for. */
  leftOut: z
    .record(z.string(), z.object({ rule: z.enum(['constant', 'identifier']), message: z.string() }))
    .optional(),
});
export type RowsReport = z.infer<typeof rowsReportSchema>;

/** Entity rows as Parquet: the declared columns, the key, the target, and `split` ('train' | 'hold-out'). */
const rowsRefSchema = z.object({
  blob: blobRefSchema,
  lookups: blobRefSchema.nullable(),
  report: rowsReportSchema,
});
export type RowsRef = z.infer<typeof rowsRefSchema>;
