import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Pipeline } from '../../contracts/pipeline.ts';
import { inferTable } from '../../data/inference/infer-table.ts';
import { buildRows } from '../../data/rows.ts';
import { pipelineText } from '../../pipelines/init/pipeline-text.ts';
import { writeFolder } from '../../pipelines/init/write-folder.ts';
import type { LoadedPipeline } from '../../pipelines/load-pipeline.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { createDataCase, type DataCase, readBlob } from '../data/data-case.ts';
import { amount, type Cells, csv, noise, price } from '../data/inference/table.ts';

let dataCase: DataCase;
let parent: string;
beforeEach(async () => {
  dataCase = await createDataCase();
  parent = await mkdtemp(join(tmpdir(), 'perennial-init-'));
});
afterEach(async () => {
  await dataCase.remove();
  await rm(parent, { recursive: true });
});

/** The pipeline that is declared of a table, and its files. */
async function declare(content: string, target: string) {
  await dataCase.write({ 'table.csv': content });
  const inferred = await inferTable({ path: join(dataCase.folder, 'table.csv'), target });
  const folder = await writeFolder({
    parent,
    name: 'own',
    text: pipelineText('own', inferred),
    overwrite: false,
  });
  const [pipeline] = loadPipelines({ folders: [parent] }).values();
  if (pipeline === undefined) throw new Error('nothing was declared');
  return { pipeline, folder, yaml: await readFile(join(folder, 'pipeline.yaml'), 'utf8') };
}

/** Its entity rows, as a run makes them of the same file. */
async function rowsOf(pipeline: LoadedPipeline) {
  const { tables, report } = await dataCase.validate(pipeline);
  const rows = await buildRows({
    pipeline,
    sql: { rows: pipeline.sqlTexts['rows.sql'] ?? '', lookups: {} },
    joined: false,
    tables,
    parameters: {},
    store: dataCase.store,
  });
  return { validation: report, report: rows.report, rows: await readBlob(dataCase.store, rows.blob.sha256) };
}

const encoding = (pipeline: Pipeline, name: string) =>
  (pipeline.encodings[name] ?? []).map((step) => [step.step, 'columns' in step ? step.columns : null]);

describe('a declared table', () => {
  test('keeps every row with a target, each value in the kind of its column', async () => {
    const { pipeline } = await declare(
      csv({
        key: (row) => `k${row * 31}`,
        day: (row) => `${1 + (row % 28)}.1.2024`,
        open: (row) => (row % 2 === 0 ? 'Yes' : 'No'),
        weight: (row) => (row % 5 === 0 ? 'NA' : `"${row % 9},5"`),
        state: (row) => (row % 2 === 0 ? ' new' : 'old '),
        amount,
        sold: (row) => (row % 10 === 0 ? null : row % 3 === 0 ? 'yes' : 'no'),
      }),
      'sold',
    );
    const { rows, report, validation } = await rowsOf(pipeline);
    expect(report).toMatchObject({ entities: 200, kept: 180, excluded: { 'without-target': { count: 20 } } });
    expect(validation.tables).toMatchObject([{ rowsIn: 200, quarantined: 0 }]);
    const [row] = rows.filter(({ key }) => key === 'k93');
    expect(row).toMatchObject({ open: 0, weight: 3.5, state: 'old', sold: 1 });
    expect(row?.day).toBe('2024-01-04 00:00:00');
  });

  test('without an identifier knows a row by its content, wherever it stands', async () => {
    const table = csv({ amount, price });
    const [header = '', ...lines] = table.trimEnd().split('\n');
    const { pipeline } = await declare(table, 'price');
    const sides = async () =>
      new Map((await rowsOf(pipeline)).rows.map(({ row_key, split }) => [row_key, split]));
    const first = await sides();
    await dataCase.write({ 'table.csv': [header, ...lines.toReversed(), lines[0], ''].join('\n') });
    const second = await sides();
    expect(first.size).toBe(200);
    expect(second.size).toBe(201);
    for (const [key, side] of first) expect(second.get(key)).toBe(side);
  });

  test('reports what is none of its type, and goes on without it', async () => {
    const columns: Record<string, Cells> = {
      id: (row) => `k${row * 31}`,
      size: (row) => row % 40,
      amount,
      price,
    };
    const { pipeline } = await declare(csv(columns), 'price');
    await dataCase.write({ 'table.csv': csv({ ...columns, size: (row) => (row === 7 ? 'big' : row % 40) }) });
    const { rows, validation } = await rowsOf(pipeline);
    expect(rows).toHaveLength(200);
    expect(validation.verdict).toBe('flagged');
    expect(validation.checks.flatMap(({ examples }) => examples)).toContainEqual(
      expect.objectContaining({ line: 9, value: 'big' }),
    );
  });

  test('takes names that YAML, SQL and the writer of rows have uses for', async () => {
    const names = [
      'split',
      'excluded',
      'yes',
      '12',
      '- a: b # c',
      'it\'s "so"',
      'select',
      'a\tb',
      '{x}',
      '*',
      'é 日',
    ];
    const columns = Object.fromEntries(
      names.map((name, i): [string, Cells] => [
        `"${name.replaceAll('"', '""')}"`,
        (row) => (noise(`${i}`, row) * 10).toFixed(2),
      ]),
    );
    const { pipeline } = await declare(csv({ ...columns, price }), 'price');
    const declared = new Set(Object.keys(pipeline.rows.columns));
    expect(declared).toEqual(new Set(['split_', 'excluded_', ...names.slice(2)]));
    expect((await rowsOf(pipeline)).rows).toHaveLength(200);
  });

  test('encodes wide categories by the target and long tails by their logarithm', async () => {
    const level = (count: number) => (row: number) =>
      `level ${Math.floor(noise(`of ${count}`, row) * count)}`;
    const { pipeline } = await declare(
      csv(
        {
          few: (row) => `level ${row % 5}`,
          many: level(120),
          most: level(400),
          income: (row) => Math.round(Math.exp(noise('income', row) * 12)),
          amount,
          price,
        },
        1500,
      ),
      'price',
    );
    expect(encoding(pipeline, 'linear')).toContainEqual(['targetEncode', ['many', 'most']]);
    expect(encoding(pipeline, 'linear')).toContainEqual(['log1p', ['income']]);
    expect(encoding(pipeline, 'tree')).toEqual([
      ['targetEncode', ['most']],
      ['codes', 'categories'],
    ]);
  });

  test('of several classes keeps their names, and declares learners that tell them apart', async () => {
    const { pipeline } = await declare(
      csv({ town: (row) => `town ${row % 70}`, amount, grade: (row) => ['A', 'B', ' C'][row % 3] ?? null }),
      'grade',
    );
    expect(pipeline).toMatchObject({ task: 'multiclass', target: { classes: ['A', 'B', 'C'] } });
    expect(Object.keys(pipeline.candidates)).toEqual(['logistic', 'multilayer-perceptron']);
    const { rows } = await rowsOf(pipeline);
    expect(new Set(rows.map(({ grade }) => grade))).toEqual(new Set([0, 1, 2]));
  });

  test('says of each column left out why', async () => {
    const { pipeline, yaml } = await declare(
      csv({ id: (row) => row, unit: () => 'kg', again: (row) => Number(price(row)) * 2, amount, price }),
      'price',
    );
    expect(pipeline.refused).toMatchObject({
      price: 'It is the target.',
      id: expect.stringContaining('It is an identifier'),
      unit: 'It is "kg" in every row.',
      again: expect.stringContaining('Alone it tells the target: R² 1.0000 on held-out rows'),
    });
    expect(yaml).toContain('# "unit" is no feature.');
  });
});

describe('the folder', () => {
  const text = { yaml: 'name: own\n', sql: 'SELECT 1' };

  test('is not there after a declaration that a start would refuse', async () => {
    await expect(writeFolder({ parent, name: 'own', text, overwrite: false })).rejects.toThrow(
      /pipeline\.yaml:1:1/,
    );
    expect(await readdir(parent)).toEqual([]);
  });

  test('is not overwritten unless that is asked for, and then keeps its other files', async () => {
    const { folder, yaml } = await declare(csv({ amount, price }), 'price');
    const sql = await readFile(join(folder, 'rows.sql'), 'utf8');
    const again = { parent, name: 'own', text: { yaml: `# again\n${yaml}`, sql } };
    await expect(writeFolder({ ...again, overwrite: false })).rejects.toThrow('own exists already; --force');
    expect(await readFile(join(folder, 'pipeline.yaml'), 'utf8')).toBe(yaml);
    await writeFile(join(folder, 'notes.md'), 'mine');
    await writeFolder({ ...again, overwrite: true });
    expect(await readFile(join(folder, 'pipeline.yaml'), 'utf8')).toBe(`# again\n${yaml}`);
    expect((await readdir(folder)).sort()).toEqual(['notes.md', 'pipeline.yaml', 'rows.sql']);
    expect(await readdir(parent)).toEqual(['own']);
  });
});
