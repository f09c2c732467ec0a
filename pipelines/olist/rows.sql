-- One row an order, as it stood when its review form was sent.
-- Sums are of DECIMALs and every choice of "the first" names its order, so that the rows do not depend on the
-- number of threads.

WITH review AS (
  -- The latest answer counts; of answers in the same second, the greater review_id.
  SELECT order_id, review_score, review_creation_date
  FROM reviews
  QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY review_answer_timestamp DESC, review_id DESC) = 1
),
item AS (
  SELECT
    order_id,
    sum(price::DECIMAL(18, 2))::DOUBLE AS price,
    sum(freight_value::DECIMAL(18, 2))::DOUBLE AS freight_value,
    count(*) AS n_items,
    count(DISTINCT seller_id) AS n_sellers,
    max(shipping_limit_date) AS shipping_limit_date,
    -- Not arg_min, which passes over empty values: product and seller would be of two items.
    arg_min_null(product_id, order_item_id) AS product_id,
    arg_min_null(seller_id, order_item_id) AS seller_id
  FROM items
  GROUP BY order_id
),
payment AS (
  SELECT
    order_id,
    sum(payment_value::DECIMAL(18, 2))::DOUBLE AS payment_value,
    max(payment_installments) AS payment_installments,
    arg_min_null(payment_type, payment_sequential) AS payment_type,
    max(payment_sequential) AS payment_sequential
  FROM payments
  GROUP BY order_id
)
SELECT
  orders.order_id,
  order_purchase_timestamp,
  -- What happened after the form was sent is not known when it is predicted.
  CASE WHEN order_approved_at <= review_creation_date THEN order_approved_at END AS order_approved_at,
  CASE WHEN order_delivered_carrier_date <= review_creation_date THEN order_delivered_carrier_date END
    AS order_delivered_carrier_date,
  CASE WHEN order_delivered_customer_date <= review_creation_date THEN order_delivered_customer_date END
    AS order_delivered_customer_date,
  order_estimated_delivery_date,
  review_creation_date,
  shipping_limit_date,
  item.price,
  item.freight_value,
  item.n_items,
  item.n_sellers,
  payment.payment_value,
  payment.payment_installments,
  payment.payment_type,
  payment.payment_sequential,
  products.product_category_name,
  products.product_name_lenght,
  products.product_description_lenght,
  products.product_photos_qty,
  products.product_weight_g,
  products.product_length_cm,
  products.product_height_cm,
  products.product_width_cm,
  customers.customer_state,
  try_cast(customers.customer_zip_code_prefix AS INTEGER) AS customer_zip_code_prefix,
  sellers.seller_state,
  review_score,
  (review_score >= 4)::INTEGER AS satisfied,
  CASE
    WHEN review.order_id IS NULL THEN 'without-review'
    WHEN review_creation_date < date_trunc('day', order_purchase_timestamp) THEN 'form-before-purchase'
  END AS excluded
FROM orders
LEFT JOIN review ON review.order_id = orders.order_id
LEFT JOIN item ON item.order_id = orders.order_id
LEFT JOIN payment ON payment.order_id = orders.order_id
LEFT JOIN products ON products.product_id = item.product_id
LEFT JOIN customers ON customers.customer_id = orders.customer_id
LEFT JOIN sellers ON sellers.seller_id = item.seller_id
ORDER BY orders.order_id
