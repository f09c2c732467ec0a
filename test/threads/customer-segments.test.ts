import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clusterPlots } from '../../data/cluster-plots.ts';
import { csvLine } from '../../data/csv-line.ts';
import { splitFields } from '../../data/csv-records.ts';
import { generateDemo } from '../../data/demo/registry.ts';
import { chooseByGap } from '../../ml/clustering/gap.ts';
import { type Frame, readCell } from '../../ml/frame.ts';
import { createScorer, decide } from '../../ml/scorer.ts';
import { matchClusters } from '../../threads/match-clusters.ts';
import { workbookFile } from '../data/workbook-file.ts';
import { describeRealData, realDataFolder } from '../real-data.ts';
import { createSegmentsRuns, type SegmentsRun } from './customer-segments.ts';

const retailFolder = realDataFolder('retail');
let runs: Awaited<ReturnType<typeof createSegmentsRuns>>;
beforeAll(async () => {
  runs = await createSegmentsRuns(retailFolder);
});
afterAll(() => runs.close());

const numbers = ['recency_days', 'frequency', 'monetary'] as const;
const instancesOf = ({ keys, frame }: Pick<SegmentsRun, 'keys' | 'frame'>) =>
  keys.map((_, row) =>
    Object.fromEntries(numbers.map((column) => [column, readCell(frame.columns.get(column), row)])),
  );

/** The rows of a CSV file as objects of text, as a request may carry them. */
async function readObjects(path: string) {
  const [header = '', ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const names = splitFields(header.trim(), ',');
  return lines.map((line) => {
    const cells = splitFields(line.trim(), ',');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
}

/** The segment of each customer as a request for it is answered, and as the run's list has it. */
async function segmentsOf({ artifact, frame, keys, described }: SegmentsRun) {
  const predicted = [...createScorer(artifact).scoreInstances(instancesOf({ keys, frame }))];
  const list = String(await runs.store.read(described.assignments.sha256));
  return {
    served: predicted.map((segment, row) => `${keys[row]},${segment},${decide(artifact, [segment])}`),
    listed: list.trimEnd().split('\n').slice(1),
  };
}

describe('customer segments of demo lines', () => {
  test('leave out cancellations, gifts and lines without customer, each by its rule', async () => {
    const { validation, keys } = await runs.readSource('demo:retail?rows=3000&seed=7');
    const lines = validation.tables.find(({ table }) => table === 'lines');
    expect(lines).toMatchObject({ rowsIn: 3000 });
    expect((lines?.kept ?? 0) + (lines?.quarantined ?? 0)).toBe(3000);
    const offended = validation.checks.filter(({ offences }) => offences > 0);
    expect(offended.map(({ check, column }) => `${column} ${check}`).sort()).toEqual([
      'CustomerID not-null',
      'InvoiceNo pattern',
      'Quantity range',
      'UnitPrice range',
    ]);
    expect(keys.length).toBeGreaterThan(80);
  });

  test('are the same for the same seed, and served as they were found', async () => {
    const [run, again] = [
      await runs.run('demo:retail?rows=6000&seed=7'),
      await runs.run('demo:retail?rows=6000&seed=7'),
    ];
    expect(again.trained.artifact.artifactSha256).toBe(run.trained.artifact.artifactSha256);
    const { served, listed } = await segmentsOf(run);
    expect(served).toEqual(listed);
    const { segments } = run.described.report;
    expect(segments.reduce((sum, { rows }) => sum + rows, 0)).toBe(run.keys.length);
    expect(new Set(segments.map(({ name }) => name)).size).toBe(4);
  });

  test('are predicted from raw lines by the same numbers, for one customer as for all', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'perennial-lines-'));
    const { files } = await generateDemo({ name: 'retail', rows: 6000, seed: 7, folder });
    const lines = await readObjects(files[0]?.path ?? '');
    await rm(folder, { recursive: true });
    const run = await runs.run('demo:retail?rows=6000&seed=7');
    const { asOf } = run.artifact;
    expect(asOf).toBe('2026-06-29 06:21:00');
    expect(await runs.makeInstances('lines', lines, asOf)).toEqual({
      keys: run.keys,
      instances: instancesOf(run),
    });
    const [key = ''] = run.keys;
    const own = lines.filter(({ CustomerID }) => CustomerID === key);
    expect(await runs.makeInstances('lines', own, asOf)).toEqual({
      keys: [key],
      instances: instancesOf(run).slice(0, 1),
    });
    // On another day the same purchases are longer ago, and those from then on are not known yet.
    const [later] = (await runs.makeInstances('lines', own, '2026-07-08T08:21:00+02:00')).instances;
    expect(later?.recency_days).toBe(Number(instancesOf(run)[0]?.recency_days) + 9);
    expect((await runs.makeInstances('lines', own, '2020-01-01')).keys).toEqual([]);
  });

  test('are as many as the silhouette of a range is best at', async () => {
    const { trained, described } = await runs.run('demo:retail?rows=6000&seed=7', {
      minClusters: 2,
      maxClusters: 6,
    });
    const { figures } = described.report.byClusters;
    const [best] = figures
      .filter(({ clusters = 0 }) => clusters <= 6)
      .toSorted((a, b) => (b.silhouette ?? -1) - (a.silhouette ?? -1));
    expect(trained.metrics.clusters).toBe(best?.clusters);
    expect(trained.metrics).toMatchObject(best ?? {});
  });

  test.each(['gap', 'stability'] as const)('are as many as the %s says, with its curve', async (by) => {
    const asked = { minClusters: 2, maxClusters: 4 };
    const run = await runs.run('demo:retail?rows=3000&seed=7', asked, by);
    const { choice } = run.artifact;
    expect(run.described.report.choice).toEqual(choice);
    const { curve = [] } = choice ?? {};
    expect(curve.map(({ clusters }) => clusters)).toEqual(by === 'gap' ? [2, 3, 4, 5] : [2, 3, 4]);
    const chosen =
      by === 'gap'
        ? chooseByGap(
            curve.map(({ clusters, value, standardError = Number.NaN }) => ({
              clusters,
              gap: value,
              standardError,
            })),
          )
        : curve.toSorted((a, b) => b.value - a.value)[0]?.clusters;
    expect(run.trained.metrics.clusters).toBe(chosen);
    if (by === 'stability') {
      const [best] = curve.filter(({ clusters }) => clusters === chosen);
      expect(run.trained.metrics.stability).toBe(best?.value);
    }
    const again = await runs.run('demo:retail?rows=3000&seed=7', asked, by);
    expect(again.trained.artifact.artifactSha256).toBe(run.trained.artifact.artifactSha256);

    const { segments, projection } = run.described.report;
    const plots = clusterPlots({ title: 'Customer <segments>', report: run.described.report });
    expect(plots.map(({ name }) => name)).toEqual([
      'cluster-plot.svg',
      'segment-rows.svg',
      'segment-averages.svg',
      'elbow.svg',
      'silhouette.svg',
      `${by}.svg`,
    ]);
    for (const { content } of plots) {
      expect(content).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
      expect(content).toContain('<title>Customer &lt;segments&gt;: ');
      expect(content).not.toMatch(/NaN|undefined/);
    }
    const circles = (name: string) =>
      plots.find((plot) => plot.name === name)?.content.match(/<circle/g)?.length;
    expect(circles('cluster-plot.svg')).toBe(projection.points.length + segments.length);
    expect(circles(`${by}.svg`)).toBe(curve.length);
  });

  test('go on where the same customers are found in the same segments, and not among others', async () => {
    const run = await runs.run('demo:retail?rows=6000&seed=7');
    const other = await runs.run('demo:retail?rows=6000&seed=7', { minClusters: 2, maxClusters: 2 });
    const match = (production: SegmentsRun, productionRows = production.rows) =>
      matchClusters(
        {
          pipeline: run.pipeline,
          rows: run.rows,
          challenger: run.trained.artifact,
          production: production.trained.artifact,
          productionRows,
        },
        runs.context,
      );
    const rows = run.keys.length;
    expect(await match(run)).toMatchObject({ matched: { rows, agreement: 1, moved: 0 } });
    const changed = await match(other);
    if (!('matched' in changed)) throw new Error(changed.notComparable);
    expect(changed.matched.agreement).toBeLessThan(1);
    expect(changed.matched.segments.filter(({ production }) => production === null)).toHaveLength(2);
    const stayed = changed.matched.segments.reduce((sum, segment) => sum + segment.stayed, 0);
    expect(changed.matched.moved).toBe(rows - stayed);

    const strangers = await runs.folderOf('strangers', {
      'invoices.csv': 'InvoiceNo,InvoiceDate,CustomerID,TotalPrice\n1,2026-01-02,7,10\n2,2026-01-03,8,12\n',
    });
    expect(await match(run, (await runs.readSource(strangers)).rows)).toEqual({
      notComparable: 'none of the rows was among those it was trained on',
    });
  });
});

describe('lines of purchases', () => {
  const rowsOf = async (name: string, files: Record<string, string | Buffer>) => {
    const { frame, keys } = await runs.readSource(await runs.folderOf(name, files));
    return cellsOf(frame, keys);
  };
  const cellsOf = (frame: Frame, keys: readonly string[]) =>
    keys.map((key, row) => [
      key,
      ...['recency_days', 'frequency', 'monetary'].map((column) => readCell(frame.columns.get(column), row)),
    ]);

  const columns = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
  const lines = [
    ['536365', '85123A', 'CAFÉ £1 CUP', 6, '12/1/2010 8:26', 2.55, '17850', 'United Kingdom'],
    ['536365', '71053', 'LANTERN, WHITE', 2, '2010-12-01 08:26:00', 3.39, '17850', 'United Kingdom'],
    ['536370', '22728', 'CLOCK', 1, '12/4/2010 08:26', 3.75, '17850.0', 'France'],
    ['C536379', 'D', 'Discount', -1, '12/5/2010 9:41', 27.5, '17850', 'United Kingdom'],
    ['536380', '22752', 'GIFT', 1, '12/5/2010 9:41', 0, '17850', 'United Kingdom'],
    ['A563185', 'B', 'Adjust bad debt', 1, '12/5/2010 9:41', -11062.06, '17850', 'United Kingdom'],
    ['536381', '22752', 'BUNTING', 1, '12/5/2010 9:41', 4.25, null, 'United Kingdom'],
    ['536382', '22752', 'BUNTING', 10, '12/5/2010 9:45', 4.25, '13047', 'United Kingdom'],
  ] as const;
  const customers = [
    ['13047', 1, 1, 42.5],
    ['17850', 2, 2, 25.83],
  ];
  const csv = `${columns}\n${lines.map((cells) => csvLine(cells)).join('')}`;
  /** Numbers where a spreadsheet has them, and dates as its count of days. */
  const sheet = [
    columns.split(','),
    ...lines.map(([invoice, code, ...rest]) => [
      /^\d+$/.test(invoice) ? Number(invoice) : invoice,
      code,
      ...rest.map((cell) => (cell === '12/1/2010 8:26' ? { date: 40513.35138888889 } : cell)),
    ]),
  ];

  test.each<[form: string, file: string, content: Buffer]>([
    ['Latin-1', 'Online Retail.csv', Buffer.from(csv, 'latin1')],
    ['UTF-8', 'Online Retail.csv', Buffer.from(csv)],
    ['UTF-8 with a byte-order mark', 'any name.csv', Buffer.from(`\ufeff${csv}`)],
    ['a spreadsheet', 'Online Retail.xlsx', workbookFile([{ name: 'Online Retail', rows: sheet }])],
    ['a spreadsheet of any name', 'my purchases.xlsx', workbookFile([{ name: 'Sheet1', rows: sheet }])],
  ])('in %s become customers, each rule with its count', async (form, file, content) => {
    const source = await runs.folderOf(form, { [file]: content });
    const { validation, frame, keys } = await runs.readSource(source);
    expect(cellsOf(frame, keys)).toEqual(customers);
    expect(validation.tables.find(({ table }) => table === 'lines')).toMatchObject({
      rowsIn: 8,
      kept: 4,
      quarantined: 4,
    });
    const offended = validation.checks.filter(({ severity }) => severity === 'quarantine');
    expect(offended.map(({ check, column, offences }) => `${column} ${check} ${offences}`).sort()).toEqual([
      'CustomerID not-null 1',
      'InvoiceNo pattern 1',
      'Quantity range 1',
      'UnitPrice range 2',
    ]);
  });

  test('need no more than time, customer, quantity and price', async () => {
    const lines =
      'InvoiceDate,CustomerID,Quantity,UnitPrice\n2020-01-01 10:00:00,a,2,1.5\n2020-01-01 10:00:00,a,1,2\n2020-01-03 10:00:00,a,1,1\n2020-01-09 10:00:00,b,1,1\n';
    expect(await rowsOf('few-columns', { 'purchases.csv': lines })).toEqual([
      ['a', 7, 2, 6],
      ['b', 1, 1, 1],
    ]);
  });

  test('from the snapshot date on are left out', async () => {
    const invoices =
      'InvoiceNo,InvoiceDate,CustomerID,TotalPrice\n1,2020-01-01,a,10\n2,2020-02-01,a,10\n3,2020-02-01,b,10\n';
    const source = await runs.folderOf('dated', { 'invoices.csv': invoices });
    const { frame, keys } = await runs.readSource(source, { at: '2020-01-11' });
    expect(keys).toEqual(['a']);
    expect(readCell(frame.columns.get('recency_days'), 0)).toBe(10);
  });
});

describeRealData('retail', 'customer segments of Online Retail', () => {
  test('are those of scikit-learn at four clusters, and predicted as they were found', async () => {
    const run = await runs.run(`folder:${retailFolder}`);
    const { metrics } = run.trained;
    expect(run.keys).toHaveLength(4338);
    expect(metrics.inertia).toBeLessThanOrEqual(4092.5);
    expect(Math.abs((metrics.silhouette ?? 0) - 0.616)).toBeLessThanOrEqual(0.002);
    // scikit-learn stops at a shift of 1e-4, a few customers before the end.
    expect(metrics.calinskiHarabasz).toBeCloseTo(3149.4, 0);
    expect(metrics.daviesBouldin).toBeCloseTo(0.7534, 2);
    const { served, listed } = await segmentsOf(run);
    expect(served).toEqual(listed);
    const invoices = await readObjects(join(retailFolder, 'online_retail_invoices.csv'));
    const made = await runs.makeInstances('invoices', invoices, run.artifact.asOf);
    expect(made).toEqual({ keys: run.keys, instances: instancesOf(run) });
    expect(run.described.report.segments.map(({ name, rows }) => [name, rows])).toEqual([
      ['Active customers', 3054],
      ['Lost customers', 1061],
      ['Loyal big spenders', 210],
      ['Key accounts', 13],
    ]);
  });
});
