import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlOf } from '../../activities/declared.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { generateDemo } from '../../data/demo/registry.ts';
import { buildRows } from '../../data/rows.ts';
import { takeSnapshot } from '../../data/snapshot.ts';
import { validate } from '../../data/validate.ts';
import { resolveParameters } from '../../pipelines/parameters.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { describeRealData } from '../real-data.ts';
import { sourceReaders } from '../source-readers.ts';

/** What the SQL of the Olist pipelines makes of tables, through the readers and checks that a run uses. */

const pipelines = loadPipelines({ folders: [fileURLToPath(new URL('../../pipelines', import.meta.url))] });
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perennial-olist-'));
});
afterAll(() => rm(root, { recursive: true }));

async function rowsOf(folder: string, name: 'olist-score' | 'olist-satisfaction' = 'olist-score') {
  const pipeline = pipelines.get(pipelineNameSchema.parse(name));
  if (pipeline === undefined) throw new Error(`${name} is not there`);
  const store = await createFolderStore(join(root, 'store'));
  const snapshot = await takeSnapshot({
    pipeline,
    source: `folder:${folder}`,
    store,
    readers: sourceReaders(folder),
  });
  const { report, tables } = await validate({ pipeline, snapshot, store });
  const rows = await buildRows({
    pipeline,
    sql: sqlOf(pipeline),
    joined: snapshot.joined,
    tables,
    parameters: resolveParameters(pipeline),
    store,
  });
  return { snapshot, report, rows, path: await store.localPath(rows.blob.sha256) };
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(root, 'tables-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), `${text.trim()}\n`);
  return folder;
}

/** The tables of one merged file: every combination of review, item and payment, as pandas merges them. */
async function merge(folder: string): Promise<string> {
  const merged = await mkdtemp(join(root, 'merged-'));
  const table = (name: string) =>
    `read_csv('${folder}/olist_${name}_dataset.csv', header = true, all_varchar = true) AS ${name}`;
  await query(`COPY (
    SELECT * FROM ${table('orders')}
      LEFT JOIN ${table('order_reviews')} USING (order_id)
      LEFT JOIN ${table('order_items')} USING (order_id)
      LEFT JOIN ${table('order_payments')} USING (order_id)
      LEFT JOIN ${table('products')} USING (product_id)
      LEFT JOIN ${table('customers')} USING (customer_id)
      LEFT JOIN ${table('sellers')} USING (seller_id)
  ) TO '${merged}/everything.csv' (HEADER)`);
  return merged;
}

const tables = {
  'olist_orders_dataset.csv': `
order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date
o1,c1,delivered,2018-03-01 10:00:00,2018-03-01 11:00:00,2018-03-03 09:00:00,2018-03-09 18:00:00,2018-03-20 00:00:00
o2,c2,delivered,2018-03-01 10:00:00,2018-03-01 11:00:00,2018-03-03 09:00:00,2018-04-05 18:00:00,2018-03-20 00:00:00
o3,c3,shipped,2018-03-01 10:00:00,,,,2018-03-20 00:00:00
o4,c4,delivered,2018-03-01 10:00:00,2018-03-01 11:00:00,2018-03-03 09:00:00,2018-03-09 18:00:00,2018-03-20 00:00:00
o5,c5,delivered,2018-03-01 10:00:00,2018-03-01 11:00:00,2018-03-03 09:00:00,2018-03-09 18:00:00,2018-03-20 00:00:00`,
  'olist_order_reviews_dataset.csv': `
review_id,order_id,review_score,review_comment_title,review_comment_message,review_creation_date,review_answer_timestamp
r1,o1,2,,,2018-03-10 00:00:00,2018-03-11 08:00:00
r2,o1,5,,"muito bom, ""recomendo""
e chegou",2018-03-12 00:00:00,2018-03-13 08:00:00
r3,o2,1,,,2018-03-22 00:00:00,2018-03-23 08:00:00
r4,o3,3,,,2018-03-22 00:00:00,2018-03-23 08:00:00
r5,o3,4,,,2018-03-22 00:00:00,2018-03-23 08:00:00
r6,o5,4,,,2018-02-20 00:00:00,2018-02-21 08:00:00`,
  'olist_order_items_dataset.csv': `
order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value
o1,2,p2,s2,2018-03-08 10:00:00,0.20,1.10
o1,1,p1,s1,2018-03-07 10:00:00,0.10,2.20
o2,1,p2,s2,2018-03-07 10:00:00,50,5`,
  'olist_order_payments_dataset.csv': `
order_id,payment_sequential,payment_type,payment_installments,payment_value
o1,2,voucher,1,1.60
o1,1,credit_card,4,2.00
o2,1,boleto,1,55`,
  'olist_products_dataset.csv': `
product_id,product_category_name,product_name_lenght,product_description_lenght,product_photos_qty,product_weight_g,product_length_cm,product_height_cm,product_width_cm
p1,bebes,40,400,2,700,20,10,15
p2,,,,,300,20,10,15`,
  'olist_customers_dataset.csv': `
customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state
c1,u1,01005,sao paulo,SP
c2,u2,20231,rio de janeiro,RJ
c3,u3,20231,rio de janeiro,RJ
c4,u4,20231,rio de janeiro,RJ
c5,u5,20231,rio de janeiro,RJ`,
  'olist_sellers_dataset.csv': `
seller_id,seller_zip_code_prefix,seller_city,seller_state
s1,13023,campinas,SP
s2,20231,rio de janeiro,RJ`,
};

/** Enough further orders that both sides of the split have rows. */
function withMoreOrders(files: typeof tables): typeof tables {
  const extended = { ...files };
  for (let i = 0; i < 40; i++) {
    extended['olist_orders_dataset.csv'] +=
      `\nx${i},c1,delivered,2018-03-01 10:00:00,2018-03-01 11:00:00,2018-03-03 09:00:00,2018-03-09 18:00:00,2018-03-20 00:00:00`;
    extended['olist_order_reviews_dataset.csv'] +=
      `\ny${i},x${i},${1 + (i % 5)},,,2018-03-10 00:00:00,2018-03-11 08:00:00`;
  }
  return extended;
}

describe('rows of known tables', () => {
  let byOrder: Map<unknown, Record<string, unknown>>;
  let made: Awaited<ReturnType<typeof rowsOf>>;
  beforeAll(async () => {
    made = await rowsOf(await folderOf(withMoreOrders(tables)));
    byOrder = new Map(
      (await query(`SELECT * FROM read_parquet('${made.path}')`)).map((row) => [row.order_id, row]),
    );
  });

  test('one review an order: the latest answer, of equal ones the greatest id', () => {
    expect(byOrder.get('o1')).toMatchObject({ review_score: 5, review_creation_date: '2018-03-12 00:00:00' });
    expect(byOrder.get('o3')).toMatchObject({ review_score: 4 });
  });

  test('what happened after the form was sent is masked', () => {
    expect(byOrder.get('o1')).toMatchObject({ order_delivered_customer_date: '2018-03-09 18:00:00' });
    expect(byOrder.get('o2')).toMatchObject({
      order_delivered_customer_date: null,
      order_delivered_carrier_date: '2018-03-03 09:00:00',
    });
  });

  test('sums are exact, and the first item and payment go by their numbers, not by their lines', () => {
    expect(byOrder.get('o1')).toMatchObject({
      price: 0.3,
      freight_value: 3.3,
      n_items: 2,
      n_sellers: 2,
      payment_value: 3.6,
      payment_installments: 4,
      payment_type: 'credit_card',
      payment_sequential: 2,
      product_category_name: 'bebes',
      seller_state: 'SP',
      customer_state: 'SP',
      customer_zip_code_prefix: 1005,
      shipping_limit_date: '2018-03-08 10:00:00',
    });
    expect(byOrder.get('o3')).toMatchObject({ price: null, payment_value: null });
  });

  test('orders are excluded by named rules only', () => {
    expect(made.rows.report).toMatchObject({
      entities: 45,
      kept: 43,
      excluded: { 'without-review': { count: 1 }, 'form-before-purchase': { count: 1 } },
    });
    expect([byOrder.has('o4'), byOrder.has('o5')]).toEqual([false, false]);
  });
});

test('an empty value of the first item or payment is not taken from the next', async () => {
  const files = withMoreOrders(tables);
  files['olist_order_items_dataset.csv'] += `
x0,1,,s1,2018-03-07 10:00:00,10,1
x0,2,p1,s2,2018-03-07 10:00:00,10,1`;
  files['olist_order_payments_dataset.csv'] += '\nx0,1,,1,5\nx0,2,voucher,1,17';
  const { path } = await rowsOf(await folderOf(files));
  const [row] = await query(`SELECT * FROM read_parquet('${path}') WHERE order_id = 'x0'`);
  expect(row).toMatchObject({ product_category_name: null, seller_state: 'SP', payment_type: null });
});

test('a score of four is satisfied', async () => {
  const { path } = await rowsOf(await folderOf(withMoreOrders(tables)), 'olist-satisfaction');
  const rows = await query(
    `SELECT order_id, satisfied FROM read_parquet('${path}') WHERE order_id IN ('o2', 'o3') ORDER BY 1`,
  );
  expect(rows.map(({ satisfied }) => satisfied)).toEqual([0, 1]);
});

test('one merged file gives the rows of the tables it was merged from, to the byte', async () => {
  const folder = join(root, 'demo');
  await mkdir(folder);
  await generateDemo({ name: 'olist', rows: 1500, seed: 11, folder });
  const fromTables = await rowsOf(folder);
  const fromMerged = await rowsOf(await merge(folder));
  expect(fromMerged.snapshot).toMatchObject({ joined: true, files: [{ table: 'order_lines' }] });
  expect(fromMerged.rows.blob).toEqual(fromTables.rows.blob);
});

test('a merged file may lack what rows can do without', async () => {
  const folder = join(root, 'bare');
  await mkdir(folder);
  await generateDemo({ name: 'olist', rows: 500, seed: 11, folder });
  const merged = await merge(folder);
  const bare = await mkdtemp(join(root, 'bare-merged-'));
  await query(`COPY (SELECT * EXCLUDE (review_id, review_creation_date, review_answer_timestamp, seller_state, order_item_id)
    FROM read_csv('${merged}/everything.csv', all_varchar = true)) TO '${bare}/olist_customers_dataset.csv' (HEADER)`);
  const { rows, path } = await rowsOf(bare);
  expect(rows.report.kept).toBeGreaterThan(450);
  const [forms] = await query(
    `SELECT count(*) FILTER (review_creation_date IS NULL)::INT AS missing FROM read_parquet('${path}')`,
  );
  expect(forms).toEqual({ missing: 0 });
});

describeRealData('olist', 'the real data', (path) => {
  test('are flagged, never quarantined, and 59 orders are excluded', async () => {
    const { report, rows } = await rowsOf(path);
    const flagged = report.checks.filter(({ offences }) => offences > 0);
    expect(report.verdict).toBe('flagged');
    expect(flagged.map(({ table, column, offences }) => [table, column, offences])).toEqual([
      ['reviews', 'review_id', 34],
      ['products', 'product_category_name', 111],
      ['products', 'product_name_lenght', 111],
      ['products', 'product_description_lenght', 111],
      ['products', 'product_photos_qty', 111],
    ]);
    expect(report.tables.reduce((sum, { quarantined }) => sum + quarantined, 0)).toBe(0);
    expect(rows.report).toMatchObject({
      entities: 8135,
      kept: 8076,
      excluded: { 'without-review': { count: 0 }, 'form-before-purchase': { count: 59 } },
    });
  });
});
