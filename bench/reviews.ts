import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { RowsRef } from '../contracts/data.ts';
import type { RunParameters } from '../contracts/runs.ts';
import { csvLine } from '../data/csv-line.ts';
import { literal, withSession } from '../data/duckdb.ts';
import { entityColumns } from '../data/entity-columns.ts';
import { readFrame } from '../data/frame.ts';
import { readCell } from '../ml/frame.ts';
import { resolveParameters } from '../pipelines/parameters.ts';
import { createFolderStore } from '../store/folder-store.ts';
import { makeEntityRows } from './entity-rows.ts';
import { nthSplit } from './nth-split.ts';
import { createAskPeers } from './peer-program.ts';
import { type Fit, reportSplits, type SplitFits } from './report-splits.ts';
import { peerFits } from './same-rows.ts';
import { shippedPipeline } from './shipped-pipelines.ts';
import { trainSplit } from './train-split.ts';

/**
 * Question: does `review-insights` tell sentiment better than TF-IDF and logistic regression of scikit-learn, trained on
 * exactly the same reviews; and what is left of it on the reviews of a company that it has never seen?
 *
 * For each salt all candidates are trained as a run trains them, without a service, and the peers on the rows and the
 * split written to a file. Printed: the mean of each metric over the splits with F1 of each class, how far our champion
 * is ahead of each peer (paired, with the standard error), and the time of one fit. Then each page's reviews are the
 * hold-out of a model trained on all others.
 */

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    splits: { type: 'string', default: '10' },
  },
});
if (options.data === undefined)
  throw new Error('usage: reviews --data FOLDER [--python PYTHON] [--splits 10]');

type Split = SplitFits & { champion: Fit };

const askPeers = createAskPeers(options.python, write);
const data = resolve(options.data);
const pipeline = shippedPipeline('review-insights');
const classes = pipeline.task === 'multiclass' ? pipeline.target.classes : [];
const metrics = ['accuracy', 'f1Macro', ...classes.map(f1Of)];
const folder = await mkdtemp(join(tmpdir(), 'perennial-bench-'));
const store = await createFolderStore(join(folder, 'store'));
try {
  const splits: Split[] = [];
  for (let number = 0; number < Number(options.splits); number++) {
    const parameters = resolveParameters(pipeline, nthSplit(pipeline, number));
    const split = await compare(await makeRows(parameters), parameters);
    write(
      `salt ${number}, accuracy and macro F1: ${[split.champion, ...split.peers].map(shownFit).join(', ')}`,
    );
    splits.push(split);
  }
  if (splits.length > 0) report(`mean of ${splits.length} splits`, splits);
  await acrossPages();
} finally {
  await rm(folder, { recursive: true, force: true });
}

function makeRows(parameters: RunParameters): Promise<RowsRef> {
  return makeEntityRows({ pipeline, source: `folder:${data}`, sourceRoots: [data], parameters, store });
}

async function compare(rows: RowsRef, parameters: RunParameters): Promise<Split> {
  const { champion, candidates: ours } = await trainSplit({ pipeline, parameters, rows, store });
  const found = ours.find(({ name }) => name === champion);
  if (found === undefined) throw new Error(`the champion ${champion} is no candidate`);
  const file = join(folder, 'reviews.csv');
  await writeFile(file, await reviewsFile(await store.localPath(rows.blob.sha256)));
  return { champion: found, ours, peers: peerFits(await askPeers('reviews.py', [file])) };
}

/** The reviews of each page, which is that of one company, are held out in turn, and all others trained on. */
async function acrossPages(): Promise<void> {
  const parameters = resolveParameters(pipeline, {});
  const rows = await makeRows(parameters);
  const path = await store.localPath(rows.blob.sha256);
  const pages = await withSession({}, (session) =>
    session.rows(`SELECT DISTINCT page FROM read_parquet(${literal(path)}) ORDER BY page`),
  );
  for (const { page } of pages) {
    const name = String(page);
    const moved = join(folder, 'moved.parquet');
    await withSession({}, (session) =>
      session.rows(
        `COPY (SELECT * REPLACE (CASE WHEN page = ${literal(name)} THEN 'hold-out' ELSE 'train' END AS split)
           FROM read_parquet(${literal(path)})) TO ${literal(moved)} (FORMAT parquet)`,
      ),
    );
    const blob = await store.put(await readFile(moved));
    report(`tested on ${name}, trained on the others`, [await compare({ ...rows, blob }, parameters)]);
  }
}

async function reviewsFile(path: string): Promise<string> {
  const columns = entityColumns(pipeline);
  const lines = [csvLine(['title', 'text', 'label', 'split'])];
  for (const [split, word] of [
    ['train', 'train'],
    ['hold-out', 'test'],
  ] as const) {
    const { frame, target } = await readFrame({ ...columns, path, split });
    for (let row = 0; row < frame.rows; row++) {
      const [title, text] = ['title', 'text'].map((name) => readCell(frame.columns.get(name), row));
      lines.push(csvLine([title ?? null, text ?? null, target[row] ?? null, word]));
    }
  }
  return lines.join('');
}

function report(heading: string, splits: readonly SplitFits[]): void {
  write(reportSplits(splits, { heading: `${pipeline.name}: ${heading}`, metrics, metricOf }));
}

function shownFit(fit: Fit): string {
  const { accuracy = Number.NaN, f1Macro = Number.NaN } = fit.metrics;
  return `${fit.name} ${accuracy.toFixed(4)} and ${f1Macro.toFixed(4)}`;
}

/** The peers print the F1 of a class by its index. */
function metricOf(fit: Fit, metric: string): number | undefined {
  const own = fit.metrics[metric];
  if (own !== undefined) return own;
  const place = metrics.indexOf(metric) - 2;
  return 'perClass' in fit ? fit.perClass?.[place]?.f1 : fit.metrics[`f1 of class ${place}`];
}

function f1Of(name: string): string {
  return `F1 ${name}`;
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
