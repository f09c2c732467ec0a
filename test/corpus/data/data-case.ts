import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { withSession } from '../../../data/duckdb.ts';
import { bytesOf, bytesSchema } from '../bytes.ts';

/** One broken input and the answer it must get: an error, or counts with the place of every row set aside. */

const fileSchema = z.union([
  bytesSchema,
  /** The result of a query, less the last bytes where some are cut, with zeros over `[from, to)` where it is damaged. */
  z.strictObject({
    parquet: z.string(),
    cutBytes: z.int().min(1).optional(),
    zeroBytes: z.tuple([z.int(), z.int()]).optional(),
  }),
  z.strictObject({ folder: z.literal(true) }),
  /** `{outside}` is a folder beside the source. */
  z.strictObject({ linkTo: z.string() }),
  z.strictObject({ pipe: z.literal(true) }),
  z.strictObject({ unreadable: z.string() }),
]);

/** One field of a generated table replaced, a line added, or a text replaced wherever it stands. */
const changeSchema = z.union([
  z.strictObject({ row: z.int().min(1), column: z.string(), to: z.string() }),
  z.strictObject({ append: z.string() }),
  z.strictObject({ repeatRow: z.int().min(1) }),
  z.strictObject({ header: z.string(), to: z.string() }),
  z.strictObject({ delete: z.literal(true) }),
]);
export type Change = z.infer<typeof changeSchema>;

const counts = z.tuple([z.int(), z.int(), z.int()]);

export const dataCaseSchema = z.strictObject({
  case: z.string(),
  /** `small`: the table `orders` of the case beside a sound table `more`; `olist`: sixty generated orders. */
  on: z.enum(['small', 'olist']).default('small'),
  /** Besides the sound ones; `orders.csv` is the one under test. */
  files: z.record(z.string(), fileSchema).default({}),
  /** Written once the snapshot is taken. */
  filesAfterSnapshot: z.record(z.string(), z.string()).default({}),
  /** Of the generated files. */
  changes: z.record(z.string(), z.array(changeSchema)).default({}),
  /** Declaration of `orders`, over the usual one. */
  table: z.record(z.string(), z.unknown()).default({}),
  /** Declaration of the pipeline, over the usual one. */
  pipeline: z.record(z.string(), z.unknown()).default({}),
  sql: z.string().optional(),
  /** `{folder}` is the case's own. */
  source: z.string().default('folder:{folder}'),
  /** Root may read every file. */
  asOrdinaryUser: z.boolean().default(false),
  expect: z.strictObject({
    error: z
      .strictObject({ type: z.string(), message: z.union([z.string(), z.array(z.string())]) })
      .optional(),
    /** Table → rows in, kept, quarantined. */
    tables: z.record(z.string(), counts).default({}),
    /** `FILE:LINE REASON`, or `FILE#ROW REASON` for Parquet, in the order of the file. */
    quarantined: z.array(z.string()).default([]),
    /** Keys of `orders` that are kept. */
    kept: z.array(z.string()).optional(),
    /** Column → value of the first kept row of `orders`. */
    first: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).optional(),
    /** Of the checks of these tables, those that only warn. */
    warnings: z.array(z.string()).default([]),
    /** Rule → entities that it leaves out. */
    excluded: z.record(z.string(), z.int()).default({}),
  }),
});
export type DataCase = z.infer<typeof dataCaseSchema>;

export async function writeFiles(folder: string, files: DataCase['files']): Promise<void> {
  for (const [name, file] of Object.entries(files)) {
    const path = join(folder, name);
    if (typeof file === 'string' || 'parts' in file) writeFileSync(path, bytesOf(file));
    else if ('parquet' in file) {
      await withSession({}, (session) => session.run(`COPY (${file.parquet}) TO '${path}' (FORMAT parquet)`));
      const bytes = readFileSync(path);
      if (file.zeroBytes !== undefined) bytes.fill(0, ...file.zeroBytes);
      writeFileSync(path, bytes.subarray(0, bytes.length - (file.cutBytes ?? 0)));
    } else if ('folder' in file) mkdirSync(path);
    else if ('linkTo' in file)
      symlinkSync(file.linkTo.replace('{outside}', join(folder, '..', 'outside')), path);
    else if ('pipe' in file) execFileSync('mkfifo', [path]);
    else {
      writeFileSync(path, file.unreadable);
      chmodSync(path, 0);
    }
  }
}

/** The changed text of a generated table; undefined where the file is deleted. Its fields hold no delimiter. */
export function changed(text: string, changes: readonly Change[]): string | undefined {
  const lines = text.trimEnd().split('\n');
  const header = (lines[0] ?? '').split(',');
  for (const change of changes) {
    if ('delete' in change) return undefined;
    if ('append' in change) lines.push(change.append);
    else if ('repeatRow' in change) lines.push(lines[change.repeatRow] ?? '');
    else if ('header' in change) lines[0] = (lines[0] ?? '').replace(change.header, change.to);
    else {
      const fields = (lines[change.row] ?? '').split(',');
      const at = header.indexOf(change.column);
      if (at < 0 || fields.length !== header.length)
        throw new Error(`row ${change.row} has no column "${change.column}" that could be replaced`);
      fields[at] = change.to;
      lines[change.row] = fields.join(',');
    }
  }
  return `${lines.join('\n')}\n`;
}
