import { type Pipeline, type PipelineDeclaration, pipelineSchema } from '../../contracts/pipeline.ts';

type Table = PipelineDeclaration['tables'][string];

const id = { type: 'text', pattern: '^[0-9a-f]{32}$' } as const;
const timestamp = { type: 'timestamp' } as const;
const number = { type: 'number', min: 0 } as const;
const text = { type: 'text' } as const;

/** The Olist tables, as the product's own declarations have them, with every kind of check in use. */
const tables: Record<string, Table> = {
  orders: {
    files: ['olist_orders_dataset.csv', '*orders*.csv'],
    primaryKey: ['order_id'],
    foreignKeys: [{ columns: ['customer_id'], table: 'customers', to: ['customer_id'] }],
    columns: {
      order_id: id,
      customer_id: id,
      order_status: {
        type: 'text',
        oneOf: [
          'approved',
          'canceled',
          'created',
          'delivered',
          'invoiced',
          'processing',
          'shipped',
          'unavailable',
        ],
      },
      order_purchase_timestamp: { ...timestamp, notNull: 'quarantine' },
      order_approved_at: timestamp,
      order_delivered_carrier_date: timestamp,
      order_delivered_customer_date: timestamp,
      order_estimated_delivery_date: { ...timestamp, notNull: 'quarantine' },
    },
  },
  customers: {
    files: ['olist_customers_dataset.csv'],
    primaryKey: ['customer_id'],
    columns: { customer_id: id, customer_state: { type: 'text', pattern: '^[A-Z]{2}$' } },
  },
  reviews: {
    files: ['olist_order_reviews_dataset.csv'],
    foreignKeys: [{ columns: ['order_id'], table: 'orders', to: ['order_id'], severity: 'quarantine' }],
    columns: {
      review_id: { ...id, unique: 'warn' },
      order_id: id,
      review_score: { type: 'integer', min: 1, max: 5, notNull: 'quarantine' },
      review_comment_message: text,
      review_creation_date: timestamp,
      review_answer_timestamp: timestamp,
    },
  },
  items: {
    files: ['olist_order_items_dataset.csv'],
    primaryKey: ['order_id', 'order_item_id'],
    foreignKeys: [{ columns: ['order_id'], table: 'orders', to: ['order_id'] }],
    columns: {
      order_id: id,
      order_item_id: { type: 'integer', min: 1 },
      product_id: id,
      seller_id: id,
      price: number,
      freight_value: number,
    },
  },
  products: {
    files: ['olist_products_dataset.csv'],
    maxNullShare: 0.02,
    primaryKey: ['product_id'],
    columns: {
      product_id: id,
      product_category_name: text,
      product_name_lenght: number,
      product_description_lenght: number,
      product_photos_qty: number,
      product_weight_g: number,
      product_length_cm: number,
      product_height_cm: number,
      product_width_cm: number,
    },
  },
};

export const olistSql = `
WITH reviewed AS (
  SELECT *, row_number() OVER (PARTITION BY order_id ORDER BY review_answer_timestamp DESC, review_id) AS nth
  FROM reviews
), priced AS (
  SELECT order_id, sum(CAST(price AS DECIMAL(18, 2))) AS price, count(*) AS items FROM items GROUP BY order_id
)
SELECT o.order_id, o.order_purchase_timestamp AS purchased_at, o.order_delivered_customer_date AS delivered_at,
  c.customer_state, p.price, p.items, r.review_score,
  CASE WHEN r.review_score IS NULL THEN 'no-review' WHEN p.price IS NULL THEN 'no-items' END AS excluded
FROM orders o
LEFT JOIN reviewed r ON r.order_id = o.order_id AND r.nth = 1
LEFT JOIN priced p ON p.order_id = o.order_id
LEFT JOIN customers c ON c.customer_id = o.customer_id
ORDER BY o.order_id`;

const declaration: PipelineDeclaration = {
  name: 'test-score' as Pipeline['name'],
  title: 'Test',
  description: 'Review scores of Olist orders',
  task: 'regression',
  target: { column: 'review_score', description: 'stars', min: 1, max: 5 },
  tables,
  moments: [{ name: 'review', description: 'the review form is sent' }],
  moment: 'review',
  rows: {
    key: 'order_id',
    asOf: 'purchased_at',
    exclusions: { 'no-review': 'the order was never reviewed', 'no-items': 'the order has no items' },
    cleaning: ['the latest review of an order is its review'],
    columns: {
      purchased_at: { kind: 'timestamp', description: 'when bought', availableAt: 'review' },
      delivered_at: { kind: 'timestamp', description: 'when delivered', availableAt: 'review' },
      customer_state: { kind: 'category', description: 'state', availableAt: 'review' },
      price: { kind: 'number', description: 'sum of prices', availableAt: 'review' },
      items: { kind: 'number', description: 'number of items', availableAt: 'review' },
    },
  },
  features: [{ step: 'take', column: 'price' }],
  encodings: { trees: [] },
  candidates: { linear: { learner: 'linear', encoding: 'trees' } },
  split: { by: 'key', share: 0.2, salt: 'perennial' },
  selection: { metric: 'r2' },
  gate: {},
  demo: 'demo:olist',
};

export const olistPipeline = (overrides: Readonly<Record<string, unknown>> = {}): Pipeline =>
  pipelineSchema.parse({ ...declaration, ...overrides });
