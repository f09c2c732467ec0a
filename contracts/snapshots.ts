import { z } from 'zod';
import { type BlobRef, blobRefSchema } from './data.ts';
import { declaredNameSchema, type PipelineName, type Sha256 } from './ids.ts';

/** Data by reference: snapshots taken without a run, and what differs between two of them. */

/** What `addSnapshot` is started with. */
export type AddSnapshotRequest = {
  source: string;
  /** Whose tables the files are given to; null keeps the files as they are. */
  pipeline: PipelineName | null;
  /** Given to the snapshot, and taken from the one that has it. */
  name: string | null;
};

/** What `diffSnapshots` is started with; its id is the hash of this. */
export type DiffRequest = {
  from: Sha256;
  to: Sha256;
  /** Whose declaration says what the tables and their keys are; null: every file is a table. */
  pipeline: PipelineName | null;
  /** In place of the declared keys; null for those, or for whole rows. */
  key: string[] | null;
};

export const diffLimits = {
  /** Of the files of one table that are read, both sides together. */
  tableBytes: 4 * 1024 ** 3,
  /** Tables that are read; the others are compared by their hashes alone. */
  tables: 100,
  files: 1_000,
  /** Columns whose differences are told, the most changed first. */
  columns: 200,
  exampleRows: 10,
  exampleColumns: 40,
  exampleText: 200,
} as const;

export const diffKeySchema = z.array(declaredNameSchema).min(1).max(20);

const sides = <Schema extends z.ZodType>(side: Schema) => z.object({ from: side, to: side });
const countSchema = z.int().nonnegative();

const fileDiffSchema = z.object({
  name: z.string(),
  /** `renamed`: the same bytes under another name, which `name` is the new one of. */
  change: z.enum(['added', 'removed', 'changed', 'renamed']),
  from: blobRefSchema.nullable(),
  to: blobRefSchema.nullable(),
  formerName: z.string().nullable(),
});

/** What all values of a column are; `empty` where there is none. */
const valueTypeSchema = z.enum(['integer', 'number', 'boolean', 'date', 'timestamp', 'text', 'empty']);
const typedColumnSchema = z.object({ column: z.string(), type: valueTypeSchema });

const numbersSchema = z.object({ min: z.number(), mean: z.number(), max: z.number() });

const columnDiffSchema = z.object({
  column: z.string(),
  type: sides(valueTypeSchema),
  missing: sides(countSchema),
  /** Rows of both sides in which the value is another; null where rows are compared whole. */
  changed: countSchema.nullable(),
  /** Null where the values of a side are no numbers. */
  numbers: sides(numbersSchema.nullable()),
});

const exampleRowSchema = z.record(z.string(), z.string().nullable());

const tableDiffSchema = z.object({
  table: z.string(),
  change: z.enum(['same', 'changed', 'added', 'removed']),
  files: sides(z.array(z.string())),
  /** Why the rows were not compared. */
  problem: z.string().nullable(),
  /** By which rows are found again; null where they are compared whole. */
  key: z.array(z.string()).nullable(),
  rows: z
    .object({
      from: countSchema,
      to: countSchema,
      added: countSchema,
      removed: countSchema,
      /** Null where rows are compared whole: a changed row is then a removed and an added one. */
      changed: countSchema.nullable(),
    })
    .nullable(),
  /** Records that cannot be split into fields; they are compared in no way. */
  unreadable: sides(countSchema),
  /** Rows whose key an earlier one has; those are paired in the order of their contents. */
  repeatedKeys: sides(countSchema),
  columns: z.object({
    added: z.array(typedColumnSchema),
    removed: z.array(typedColumnSchema),
    both: countSchema,
    /** Columns without a name of their own, which are not compared. */
    unusable: z.array(z.object({ name: z.string(), reason: z.string() })),
    /** Columns of both sides that differ in type, missing values, range or cells: how many, and the first of them. */
    differing: countSchema,
    differences: z.array(columnDiffSchema),
  }),
  examples: z.object({
    added: z.array(exampleRowSchema),
    removed: z.array(exampleRowSchema),
    changed: z.array(
      z.object({
        key: exampleRowSchema,
        cells: z.array(
          z.object({ column: z.string(), from: z.string().nullable(), to: z.string().nullable() }),
        ),
      }),
    ),
  }),
});

export const snapshotDiffSchema = z.object({
  same: z.boolean(),
  files: z.object({
    same: countSchema,
    differing: countSchema,
    /** The first of them by name. */
    differences: z.array(fileDiffSchema),
  }),
  tables: z.array(tableDiffSchema),
});
export type SnapshotDiff = z.infer<typeof snapshotDiffSchema>;
export type FileDiff = z.infer<typeof fileDiffSchema>;
export type TableDiff = z.infer<typeof tableDiffSchema>;
export type ColumnDiff = z.infer<typeof columnDiffSchema>;
export type ValueType = z.infer<typeof valueTypeSchema>;

/** The report is in the store: it may be larger than what a workflow carries. */
export type DiffResult = { report: BlobRef };
