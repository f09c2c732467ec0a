-- The rows of rows.sql from one merged file. Its lines repeat: an order with two items and three payments has six.
-- So reviews, items and payments are first told apart again.

WITH line AS (
  SELECT
    * REPLACE (
      coalesce(
        review_creation_date,
        date_trunc('day', order_delivered_customer_date) + INTERVAL 1 DAY,
        order_estimated_delivery_date + INTERVAL 2 DAY
      ) AS review_creation_date
    )
  FROM order_lines
),
purchase AS (
  SELECT
    order_id,
    min(order_purchase_timestamp) AS order_purchase_timestamp,
    min(order_approved_at) AS order_approved_at,
    min(order_delivered_carrier_date) AS order_delivered_carrier_date,
    min(order_delivered_customer_date) AS order_delivered_customer_date,
    min(order_estimated_delivery_date) AS order_estimated_delivery_date,
    min(customer_state) AS customer_state,
    min(customer_zip_code_prefix) AS customer_zip_code_prefix
  FROM line
  GROUP BY order_id
),
review AS (
  SELECT order_id, review_score, review_creation_date
  FROM line
  WHERE review_score IS NOT NULL
  QUALIFY row_number() OVER (
    PARTITION BY order_id
    ORDER BY review_answer_timestamp DESC NULLS LAST, review_id DESC NULLS LAST, review_creation_date DESC, review_score
  ) = 1
),
item_line AS (
  SELECT DISTINCT
    order_id, order_item_id, product_id, seller_id, seller_state, shipping_limit_date, price, freight_value,
    product_category_name, product_name_lenght, product_description_lenght, product_photos_qty,
    product_weight_g, product_length_cm, product_height_cm, product_width_cm
  FROM line
  WHERE price IS NOT NULL
),
item AS (
  SELECT
    order_id,
    sum(price::DECIMAL(18, 2))::DOUBLE AS price,
    sum(freight_value::DECIMAL(18, 2))::DOUBLE AS freight_value,
    count(*) AS n_items,
    count(DISTINCT seller_id) AS n_sellers,
    max(shipping_limit_date) AS shipping_limit_date
  FROM item_line
  GROUP BY order_id
),
first_item AS (
  SELECT *
  FROM item_line
  QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY order_item_id, product_id, seller_id, price, freight_value) = 1
),
payment_line AS (
  SELECT DISTINCT order_id, payment_sequential, payment_type, payment_installments, payment_value
  FROM line
  WHERE payment_value IS NOT NULL
),
payment AS (
  SELECT
    order_id,
    sum(payment_value::DECIMAL(18, 2))::DOUBLE AS payment_value,
    max(payment_installments) AS payment_installments,
    first(payment_type ORDER BY payment_sequential, payment_type) AS payment_type,
    max(payment_sequential) AS payment_sequential
  FROM payment_line
  GROUP BY order_id
)
SELECT
  purchase.order_id,
  order_purchase_timestamp,
  CASE WHEN order_approved_at <= review_creation_date THEN order_approved_at END AS order_approved_at,
  CASE WHEN order_delivered_carrier_date <= review_creation_date THEN order_delivered_carrier_date END
    AS order_delivered_carrier_date,
  CASE WHEN order_delivered_customer_date <= review_creation_date THEN order_delivered_customer_date END
    AS order_delivered_customer_date,
  order_estimated_delivery_date,
  review_creation_date,
  item.shipping_limit_date,
  item.price,
  item.freight_value,
  item.n_items,
  item.n_sellers,
  payment.payment_value,
  payment.payment_installments,
  payment.payment_type,
  payment.payment_sequential,
  first_item.product_category_name,
  first_item.product_name_lenght,
  first_item.product_description_lenght,
  first_item.product_photos_qty,
  first_item.product_weight_g,
  first_item.product_length_cm,
  first_item.product_height_cm,
  first_item.product_width_cm,
  customer_state,
  customer_zip_code_prefix,
  first_item.seller_state,
  review_score,
  (review_score >= 4)::INTEGER AS satisfied,
  CASE
    WHEN review.order_id IS NULL THEN 'without-review'
    WHEN review_creation_date < date_trunc('day', order_purchase_timestamp) THEN 'form-before-purchase'
  END AS excluded
FROM purchase
LEFT JOIN review ON review.order_id = purchase.order_id
LEFT JOIN item ON item.order_id = purchase.order_id
LEFT JOIN first_item ON first_item.order_id = purchase.order_id
LEFT JOIN payment ON payment.order_id = purchase.order_id
ORDER BY purchase.order_id
