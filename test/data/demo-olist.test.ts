import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateDemo, UnknownDemo } from '../../data/demo/registry.ts';

const rows = 20_000;
let folder: string;
let instance: DuckDBInstance;
let connection: DuckDBConnection;
const folders: string[] = [];

async function generate(options: { rows: number; seed: number; signal?: AbortSignal }): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'perennial-demo-'));
  folders.push(made);
  await generateDemo({ name: 'olist', folder: made, ...options });
  return made;
}

async function hashes(of: string): Promise<Record<string, string>> {
  const names = (await readdir(of)).sort();
  const entries = names.map(async (name): Promise<[string, string]> => {
    const bytes = await readFile(join(of, name));
    return [name, createHash('sha256').update(bytes).digest('hex')];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** One row of numbers over the generated tables, which go by their short names. */
async function numbers(sql: string): Promise<Record<string, number>> {
  const [row = {}] = (await connection.runAndReadAll(sql)).getRowObjectsJS();
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
}

const tables = {
  orders: 'olist_orders_dataset',
  customers: 'olist_customers_dataset',
  items: 'olist_order_items_dataset',
  payments: 'olist_order_payments_dataset',
  reviews: 'olist_order_reviews_dataset',
  products: 'olist_products_dataset',
  sellers: 'olist_sellers_dataset',
  translation: 'product_category_name_translation',
};

beforeAll(async () => {
  folder = await generate({ rows, seed: 7 });
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  for (const [table, file] of Object.entries(tables))
    await connection.run(
      `CREATE TABLE ${table} AS SELECT * FROM read_csv('${join(folder, `${file}.csv`)}', header = true)`,
    );
});
afterAll(async () => {
  connection.closeSync();
  instance.closeSync();
  for (const made of folders) await rm(made, { recursive: true });
});

describe('the same request', () => {
  test('gives the same bytes for the same seed, and others for another', async () => {
    const [first, again, other] = await Promise.all(
      [7, 7, 8].map(async (seed) => hashes(await generate({ rows: 300, seed }))),
    );
    expect(again).toEqual(first);
    // The names of the categories are the one table that no seed changes.
    const changed = Object.keys(first ?? {}).filter((name) => first?.[name] !== other?.[name]);
    expect(changed).toHaveLength(7);
  });

  test('names the demo data there are when it knows no such name', async () => {
    const unknown = generateDemo({ name: 'olisst', rows: 1, seed: 1, folder });
    await expect(unknown).rejects.toThrow(UnknownDemo);
    await expect(unknown).rejects.toThrow('known: leads, olist');
  });

  test('stops when it is told to', async () => {
    const reason = new Error('no longer wanted');
    await expect(generate({ rows: 1e6, seed: 1, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('answers the files with their rows', async () => {
    const made = await mkdtemp(join(tmpdir(), 'perennial-demo-'));
    folders.push(made);
    const { files } = await generateDemo({ name: 'olist', rows: 250, seed: 3, folder: join(made, 'new') });
    expect(files).toHaveLength(8);
    expect(files).toContainEqual({
      name: 'olist_orders_dataset.csv',
      path: join(made, 'new', 'olist_orders_dataset.csv'),
      rows: 250,
    });
  });
});

test('every key refers to a row that is there', async () => {
  const dangling = await numbers(`SELECT
    (SELECT count(*) FROM orders ANTI JOIN customers USING (customer_id)) AS customers,
    (SELECT count(*) FROM items ANTI JOIN orders USING (order_id)) AS item_orders,
    (SELECT count(*) FROM items ANTI JOIN products USING (product_id)) AS products,
    (SELECT count(*) FROM items ANTI JOIN sellers USING (seller_id)) AS sellers,
    (SELECT count(*) FROM payments ANTI JOIN orders USING (order_id)) AS payment_orders,
    (SELECT count(*) FROM reviews ANTI JOIN orders USING (order_id)) AS review_orders,
    (SELECT count(*) FROM products ANTI JOIN translation USING (product_category_name)
      WHERE product_category_name IS NOT NULL) AS categories`);
  expect(Object.values(dangling).every((count) => count === 0)).toBe(true);
});

test('keys are unique but for the review ids that stand twice, as in the published data', async () => {
  const counts = await numbers(`SELECT
    (SELECT count(*) - count(DISTINCT order_id) FROM orders) AS orders,
    (SELECT count(*) - count(DISTINCT (order_id, order_item_id)) FROM items) AS items,
    (SELECT count(*) - count(DISTINCT (order_id, payment_sequential)) FROM payments) AS payments,
    (SELECT count(*) - count(DISTINCT review_id) FROM reviews) AS reviews`);
  expect(counts).toMatchObject({ orders: 0, items: 0, payments: 0 });
  expect(counts.reviews).toBeGreaterThan(20);
  expect(counts.reviews).toBeLessThan(200);
});

test.each<[what: string, sql: string, low: number, high: number]>([
  [
    'orders late among those delivered',
    'SELECT avg((order_delivered_customer_date > order_estimated_delivery_date)::INT) AS n FROM orders',
    0.05,
    0.1,
  ],
  ['orders not delivered', "SELECT avg((order_status <> 'delivered')::INT) AS n FROM orders", 0.02, 0.04],
  ['mean score', 'SELECT avg(review_score) AS n FROM reviews', 3.8, 4.3],
  ['satisfied', 'SELECT avg((review_score >= 4)::INT) AS n FROM reviews', 0.7, 0.85],
  [
    'how much late orders score below others',
    'SELECT avg(review_score) FILTER (NOT late) - avg(review_score) FILTER (late) AS n FROM (SELECT review_score, order_delivered_customer_date > order_estimated_delivery_date AS late FROM orders JOIN reviews USING (order_id))',
    1,
    2.5,
  ],
  [
    'reviews without a text',
    'SELECT avg((review_comment_message IS NULL)::INT) AS n FROM reviews',
    0.5,
    0.65,
  ],
  [
    'orders with several items',
    'SELECT avg((n > 1)::INT) AS n FROM (SELECT count(*) AS n FROM items GROUP BY order_id)',
    0.06,
    0.14,
  ],
  [
    'orders paid in several payments',
    'SELECT avg((n > 1)::INT) AS n FROM (SELECT count(*) AS n FROM payments GROUP BY order_id)',
    0.02,
    0.05,
  ],
  [
    'orders with several reviews',
    'SELECT avg((n > 1)::INT) AS n FROM (SELECT count(*) AS n FROM reviews GROUP BY order_id)',
    0.003,
    0.01,
  ],
  [
    'products without a category',
    'SELECT avg((product_category_name IS NULL)::INT) AS n FROM products',
    0.015,
    0.03,
  ],
  ['customers of São Paulo', "SELECT avg((customer_state = 'SP')::INT) AS n FROM customers", 0.38, 0.46],
  ['median price, BRL', 'SELECT median(price) AS n FROM items', 50, 110],
  ['median freight, BRL', 'SELECT median(freight_value) AS n FROM items', 10, 25],
  [
    'median days to the delivery',
    'SELECT median(epoch(order_delivered_customer_date - order_purchase_timestamp)) / 86400 AS n FROM orders',
    7,
    14,
  ],
])('%s lie within the bounds of the published data', async (_, sql, low, high) => {
  const { n } = await numbers(sql);
  expect(n).toBeGreaterThan(low);
  expect(n).toBeLessThan(high);
});

test('payments add up to the price and freight of the items', async () => {
  const { wrong } = await numbers(`WITH
    item AS (SELECT order_id, sum(price::DECIMAL(18, 2) + freight_value::DECIMAL(18, 2)) AS due FROM items GROUP BY 1),
    payment AS (SELECT order_id, sum(payment_value::DECIMAL(18, 2)) AS paid FROM payments GROUP BY 1)
    SELECT count(*) AS wrong FROM item JOIN payment USING (order_id) WHERE due <> paid`);
  expect(wrong).toBe(0);
});

test('the times of an order follow each other', async () => {
  const { wrong } = await numbers(`SELECT count(*) AS wrong FROM orders WHERE
    order_approved_at < order_purchase_timestamp OR order_delivered_carrier_date < order_approved_at
    OR order_delivered_customer_date < order_delivered_carrier_date`);
  expect(wrong).toBe(0);
});
