import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqlOf } from '../../../activities/declared.ts';
import { projectRoot } from '../../../config/paths.ts';
import type { BlobRef, RowsRef, Snapshot, ValidationReport } from '../../../contracts/data.ts';
import { pipelineNameSchema } from '../../../contracts/ids.ts';
import type { Pipeline } from '../../../contracts/pipeline.ts';
import { generateDemo } from '../../../data/demo/registry.ts';
import { DataInvalid } from '../../../data/errors.ts';
import { buildRows, type PipelineSql } from '../../../data/rows.ts';
import { takeSnapshot } from '../../../data/snapshot.ts';
import { validate } from '../../../data/validate.ts';
import { loadPipelines } from '../../../pipelines/registry.ts';
import type { BlobStore } from '../../../store/blob-store.ts';
import { createFolderStore } from '../../../store/folder-store.ts';
import { smallPipeline } from '../../data/small-pipeline.ts';
import { asOrdinaryUser } from '../../ordinary-user.ts';
import { sourceReaders } from '../../source-readers.ts';
import { changed, type DataCase, writeFiles } from './data-case.ts';

/** What became of one input on the way from its source to the entity rows; the error is where that way ended. */
export type Outcome = {
  root: string;
  store: BlobStore;
  error: Error | null;
  snapshot: Snapshot | null;
  report: ValidationReport | null;
  tables: Record<string, BlobRef>;
  quarantine: BlobRef | null;
  rows: RowsRef['report'] | null;
};

const olist = loadPipelines({ folders: [join(projectRoot, 'pipelines')] }).get(
  pipelineNameSchema.parse('olist-score'),
);
if (olist === undefined) throw new Error('olist-score is declared');

/** Of `more`, which keeps a run alive when `orders` has lost most of its rows. */
export const soundRows = 30;
const soundTable = `id,when,amount,note\n${Array.from({ length: soundRows }, (_, i) => `sound-${i},2024-01-31,${i},x\n`).join('')}`;

const smallSql = `SELECT id, amount, note, CASE WHEN amount IS NULL THEN 'no-amount' END AS excluded
FROM (SELECT id, amount, note FROM orders UNION ALL SELECT id, amount, note FROM more) ORDER BY id`;

/** Runs a case in a folder of its own, which `check` still finds. */
export async function runCase(given: DataCase, check: (outcome: Outcome) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'data-corpus-'));
  try {
    const folder = join(root, 'source');
    await mkdir(folder);
    await mkdir(join(root, 'outside'));
    await writeFile(join(root, 'outside', 'orders.csv'), soundTable);
    await writeSource(given, folder);
    const store = await createFolderStore(join(root, 'store'));
    const outcome = () => follow(given, { root, folder, store });
    await check(await (given.asOrdinaryUser ? asOrdinaryUser(root, outcome) : outcome()));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function writeSource({ on, files, changes }: DataCase, folder: string): Promise<void> {
  if (on === 'small') await writeFile(join(folder, 'more.csv'), soundTable);
  else await generateDemo({ name: 'olist', rows: 60, seed: 7, folder });
  for (const [name, list] of Object.entries(changes)) {
    const text = changed(await readFile(join(folder, name), 'utf8'), list);
    if (text === undefined) await rm(join(folder, name));
    else await writeFile(join(folder, name), text);
  }
  await writeFiles(folder, files);
}

function declaredFor({ on, table, pipeline, sql }: DataCase): { pipeline: Pipeline; sql: PipelineSql } {
  if (on === 'olist') {
    if (olist === undefined) throw new Error('olist-score is declared');
    return { pipeline: olist, sql: sqlOf(olist) };
  }
  const rows = {
    key: 'id',
    exclusions: { 'no-amount': 'there is nothing to learn from' },
    columns: { note: { kind: 'text', description: 'note', availableAt: 'review' } },
  };
  const declaration = smallPipeline({ orders: table, more: {} }, { rows, ...pipeline });
  return { pipeline: declaration, sql: { rows: sql ?? smallSql, lookups: {} } };
}

async function follow(
  given: DataCase,
  { root, folder, store }: { root: string; folder: string; store: BlobStore },
): Promise<Outcome> {
  const { pipeline, sql } = declaredFor(given);
  const outcome: Outcome = {
    root,
    store,
    error: null,
    snapshot: null,
    report: null,
    tables: {},
    quarantine: null,
    rows: null,
  };
  try {
    const snapshot = await takeSnapshot({
      pipeline,
      source: given.source.replace('{folder}', folder),
      store,
      readers: sourceReaders(folder),
    });
    outcome.snapshot = snapshot;
    await writeFiles(folder, given.filesAfterSnapshot);
    const validated = await validate({ pipeline, snapshot, store });
    Object.assign(outcome, validated);
    const { tables } = validated;
    const built = await buildRows({ pipeline, sql, joined: snapshot.joined, tables, parameters: {}, store });
    outcome.rows = built.report;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    outcome.error = error;
    if (error instanceof DataInvalid)
      Object.assign(outcome, { report: error.report, quarantine: error.quarantine });
  }
  return outcome;
}
