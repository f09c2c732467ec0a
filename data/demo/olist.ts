import { join } from 'node:path';
import { createRandom, deriveSeed } from '../../ml/random.ts';
import { createCsvWriter } from './csv-writer.ts';
import { categories } from './olist-catalogue.ts';
import { drawOrder, type Order } from './olist-order.ts';
import { createShop, type Product } from './olist-shop.ts';
import type { DemoFile, DemoRequest } from './registry.ts';

/** A demo shop in the shape of the eight published Olist files. */

const columns = {
  olist_orders_dataset:
    'order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date',
  olist_customers_dataset:
    'customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state',
  olist_order_items_dataset:
    'order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value',
  olist_order_payments_dataset: 'order_id,payment_sequential,payment_type,payment_installments,payment_value',
  olist_order_reviews_dataset:
    'review_id,order_id,review_score,review_comment_title,review_comment_message,review_creation_date,review_answer_timestamp',
  olist_products_dataset:
    'product_id,product_category_name,product_name_lenght,product_description_lenght,product_photos_qty,product_weight_g,product_length_cm,product_height_cm,product_width_cm',
  olist_sellers_dataset: 'seller_id,seller_zip_code_prefix,seller_city,seller_state',
  product_category_name_translation: 'product_category_name,product_category_name_english',
} as const;
type FileName = keyof typeof columns;
const fileNames = Object.keys(columns) as FileName[];

/** Orders between two flushes: bounds what waits in memory, and how long a stop takes to be seen. */
const ordersPerFlush = 2000;

/**
 * Writes the eight files with `rows` orders. The same rows and seed give the same bytes.
 * @returns the files in the order of their names
 * @throws the reason of `signal` when it is aborted; the files are then incomplete
 */
export async function generateOlist({ rows, seed, folder, signal }: DemoRequest): Promise<DemoFile[]> {
  signal?.throwIfAborted();
  const opened = await Promise.all(
    fileNames.map(async (file) => {
      const path = join(folder, `${file}.csv`);
      return { file, path, writer: await createCsvWriter(path, columns[file].split(',')) };
    }),
  );
  const written = Object.fromEntries(opened.map(({ file, writer }) => [file, writer])) as Record<
    FileName,
    (typeof opened)[number]['writer']
  >;
  const counts = new Map<string, number>();
  try {
    const shop = createShop(createRandom(deriveSeed(seed, 'shop')), rows);
    for (const { name, english } of categories)
      written.product_category_name_translation.write([name, english]);
    for (const seller of shop.sellers)
      written.olist_sellers_dataset.write([seller.id, seller.zip, seller.city, seller.state.code]);
    for (const product of shop.products) written.olist_products_dataset.write(productCells(product));

    const random = createRandom(deriveSeed(seed, 'orders'));
    let lastReviewId: string | null = null;
    for (let i = 0; i < rows; i++) {
      if (i % ordersPerFlush === 0) {
        signal?.throwIfAborted();
        for (const { writer } of opened) await writer.flush();
      }
      const order = drawOrder(random, shop, lastReviewId);
      lastReviewId = order.reviews[0]?.id ?? lastReviewId;
      writeOrder(written, order);
    }
  } finally {
    for (const { file, writer } of opened) counts.set(file, (await writer.close()).rows);
  }
  return opened.map(({ file, path }) => ({ name: `${file}.csv`, path, rows: counts.get(file) ?? 0 }));
}

function productCells({ id, category, described, weight, sizes }: Product): (string | number | null)[] {
  const texts = described === null ? [] : [described.name, described.description, described.photos];
  return [
    id,
    described === null ? null : category.name,
    ...(described === null ? [null, null, null] : texts),
    weight,
    ...(sizes ?? [null, null, null]),
  ];
}

function writeOrder(
  files: Record<FileName, { write(cells: readonly (string | number | null)[]): void }>,
  order: Order,
): void {
  const { customer } = order;
  files.olist_orders_dataset.write([
    order.id,
    customer.id,
    order.status,
    timeText(order.purchasedAt),
    timeText(order.approvedAt),
    timeText(order.handedOverAt),
    timeText(order.deliveredAt),
    timeText(order.estimatedAt),
  ]);
  files.olist_customers_dataset.write([
    customer.id,
    customer.personId,
    customer.zip,
    customer.city,
    customer.state.code,
  ]);
  order.items.forEach((item, i) => {
    files.olist_order_items_dataset.write([
      order.id,
      i + 1,
      item.product.id,
      item.product.seller.id,
      timeText(order.shippingLimitAt),
      item.product.price,
      item.freight,
    ]);
  });
  order.payments.forEach((payment, i) => {
    files.olist_order_payments_dataset.write([
      order.id,
      i + 1,
      payment.type,
      payment.installments,
      payment.value,
    ]);
  });
  for (const review of order.reviews)
    files.olist_order_reviews_dataset.write([
      review.id,
      order.id,
      review.score,
      review.title,
      review.message,
      timeText(review.createdAt),
      timeText(review.answeredAt),
    ]);
}

/** `2018-05-02 10:12:00`, to the second, from milliseconds of UTC. */
const timeText = (atMs: number | null): string | null =>
  atMs === null ? null : new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
