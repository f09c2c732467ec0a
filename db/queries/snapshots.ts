import { and, desc, eq, inArray, or, type SQL, sql } from 'drizzle-orm';
import type { Snapshot, ValidationReport } from '../../contracts/data.ts';
import {
  type PipelineName,
  type RunId,
  type Sha256,
  snapshotNameSchema,
  snapshotRefSchema,
} from '../../contracts/ids.ts';
import type { RunKind, RunStatus } from '../../contracts/runs.ts';
import type { Database } from '../client.ts';
import { modelVersions } from '../schema/models.ts';
import { runs } from '../schema/runs.ts';
import { snapshotNames, snapshots, validationReports } from '../schema/snapshots.ts';
import type { Queries } from './runs.ts';

export type SnapshotRow = typeof snapshots.$inferSelect;

/** The same input is the same snapshot: the first row stays. */
export async function recordSnapshot(
  db: Queries,
  pipeline: PipelineName | null,
  manifest: Snapshot,
): Promise<void> {
  await db.insert(snapshots).values({ id: manifest.id, pipeline, manifest }).onConflictDoNothing();
}

export async function recordRowCount(db: Queries, id: Sha256, rows: number): Promise<void> {
  await db.update(snapshots).set({ rows }).where(eq(snapshots.id, id));
}

/** Gives a snapshot a name, which leaves the one that had it. */
export async function nameSnapshot(db: Queries, name: string, snapshotId: Sha256): Promise<void> {
  await db
    .insert(snapshotNames)
    .values({ name, snapshotId })
    .onConflictDoUpdate({ target: snapshotNames.name, set: { snapshotId, updatedAt: sql`now()` } });
}

/** What it is made of; null where no snapshot has the id. */
export async function readSnapshotManifest(db: Database, id: Sha256): Promise<Snapshot | null> {
  const [row] = await db.select({ manifest: snapshots.manifest }).from(snapshots).where(eq(snapshots.id, id));
  return row?.manifest ?? null;
}

export type FoundSnapshot =
  | { found: 'one'; row: SnapshotRow }
  | { found: 'none' }
  /** Several ids begin so: the first of them. */
  | { found: 'several'; ids: Sha256[] };

/** By name, id or the beginning of an id. */
export async function resolveSnapshot(db: Database, ref: string): Promise<FoundSnapshot> {
  // What is neither, as one digit or the empty text, may begin an id all the same.
  if (!snapshotRefSchema.safeParse(ref).success) return { found: 'none' };
  const rows = snapshotNameSchema.safeParse(ref).success
    ? await findByName(db, ref)
    : await findByPrefix(db, ref);
  const [first, ...others] = rows;
  if (first === undefined) return { found: 'none' };
  if (others.length > 0) return { found: 'several', ids: rows.map(({ id }) => id) };
  return { found: 'one', row: first };
}

async function findByName(db: Database, name: string): Promise<SnapshotRow[]> {
  const rows = await db
    .select({ row: snapshots })
    .from(snapshotNames)
    .innerJoin(snapshots, eq(snapshots.id, snapshotNames.snapshotId))
    .where(eq(snapshotNames.name, name));
  return rows.map(({ row }) => row);
}

/** A range and no pattern, which would not use the index; `g` comes after all hexadecimal digits. */
async function findByPrefix(db: Database, prefix: string): Promise<SnapshotRow[]> {
  const isMatch = sql`${snapshots.id} >= ${prefix} and ${snapshots.id} < ${`${prefix}g`}`;
  return db.select().from(snapshots).where(isMatch).orderBy(snapshots.id).limit(3);
}

/** Newest first. `after` is the time and id of the last one seen. Reads one row more than `limit`. */
export async function listSnapshots(
  db: Database,
  filter: {
    pipeline?: string | undefined;
    after: readonly [string, string] | null;
    limit: number;
  },
): Promise<SnapshotRow[]> {
  const conditions: (SQL | undefined)[] = [
    filter.pipeline === undefined ? undefined : sql`${snapshots.pipeline} = ${filter.pipeline}`,
    filter.after === null
      ? undefined
      : sql`(${snapshots.createdAt}, ${snapshots.id}) < (${filter.after[0]}::timestamptz, ${filter.after[1]})`,
  ];
  return db
    .select()
    .from(snapshots)
    .where(and(...conditions))
    .orderBy(desc(snapshots.createdAt), desc(snapshots.id))
    .limit(filter.limit + 1);
}

export type SnapshotUse = {
  runId: RunId;
  pipeline: PipelineName;
  kind: RunKind;
  status: RunStatus;
};
export type SnapshotFacts = {
  names: string[];
  /** Records of all tables as a validation counted them; null where none has. */
  rows: number | null;
  runs: number;
  /** The newest runs, and the newest versions that were trained on it. */
  lastRuns: SnapshotUse[];
  versions: { pipeline: PipelineName; version: number }[];
};

/** Of one snapshot's uses so many are listed, the newest. */
const listedUses = 20;

/** What else is known of snapshots: their names, rows, and what used them. */
export async function readSnapshotFacts(
  db: Database,
  ids: readonly Sha256[],
): Promise<ReadonlyMap<Sha256, SnapshotFacts>> {
  const facts = new Map<Sha256, SnapshotFacts>(
    ids.map((id) => [id, { names: [], rows: null, runs: 0, lastRuns: [], versions: [] }]),
  );
  if (ids.length === 0) return facts;
  const [names, counted, used] = await Promise.all([
    db
      .select()
      .from(snapshotNames)
      .where(inArray(snapshotNames.snapshotId, [...ids]))
      .orderBy(snapshotNames.name),
    countRows(db, ids),
    Promise.all(ids.map((id) => usesOf(db, id))),
  ]);
  for (const { name, snapshotId } of names) facts.get(snapshotId)?.names.push(name);
  for (const { snapshotId, rows } of counted) Object.assign(facts.get(snapshotId) ?? {}, { rows });
  for (const [i, id] of ids.entries()) Object.assign(facts.get(id) ?? {}, used[i]);
  return facts;
}

async function countRows(
  db: Database,
  ids: readonly Sha256[],
): Promise<{ snapshotId: Sha256; rows: number }[]> {
  // Every report of a snapshot counts the same records: those are of its bytes.
  return db
    .selectDistinctOn([validationReports.snapshotId], {
      snapshotId: validationReports.snapshotId,
      rows: sql<number>`(select coalesce(sum((one->>'rowsIn')::bigint), 0) from jsonb_array_elements(${validationReports.report}->'tables') as one)`.mapWith(
        Number,
      ),
    })
    .from(validationReports)
    .where(inArray(validationReports.snapshotId, [...ids]))
    .orderBy(validationReports.snapshotId, validationReports.runId);
}

/** A run names what it read as its source, or reads the same by another one. */
async function usesOf(
  db: Database,
  id: Sha256,
): Promise<Pick<SnapshotFacts, 'runs' | 'lastRuns' | 'versions'>> {
  const isUse = or(eq(runs.snapshotId, id), eq(runs.source, `snapshot:${id}`));
  const { id: runId, pipeline, kind, status } = runs;
  const [lastRuns, [counted], versions] = await Promise.all([
    db
      .select({ runId, pipeline, kind, status })
      .from(runs)
      .where(isUse)
      .orderBy(desc(runs.createdAt), desc(runs.id))
      .limit(listedUses),
    db
      .select({ n: sql<number>`count(*)`.mapWith(Number) })
      .from(runs)
      .where(isUse),
    db
      .select({ pipeline: modelVersions.pipeline, version: modelVersions.version })
      .from(modelVersions)
      .innerJoin(runs, eq(runs.id, modelVersions.runId))
      .where(isUse)
      .orderBy(desc(modelVersions.createdAt), modelVersions.pipeline)
      .limit(listedUses),
  ]);
  return { runs: counted?.n ?? 0, lastRuns, versions };
}

export async function recordValidation(tx: Queries, runId: RunId, report: ValidationReport): Promise<void> {
  const values = { runId, snapshotId: report.snapshotId, verdict: report.verdict, report };
  await tx
    .insert(validationReports)
    .values(values)
    .onConflictDoUpdate({ target: validationReports.runId, set: values });
}
