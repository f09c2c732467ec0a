-- What else could be known of an order when its review form is sent: one row an order, read by `bench:features` only.
-- Of other orders only what had happened strictly before the form (`sent`) counts: answered reviews, deliveries, purchases.

WITH form AS (
  SELECT order_id, min(review_creation_date) AS sent
  FROM (
    SELECT order_id, review_creation_date
    FROM reviews
    QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY review_answer_timestamp DESC, review_id DESC) = 1
  )
  GROUP BY order_id
),
item AS (
  SELECT
    order_id,
    arg_min_null(product_id, order_item_id) AS product_id,
    arg_min_null(seller_id, order_item_id) AS seller_id,
    count(DISTINCT product_id) AS n_products,
    max(shipping_limit_date) AS shipping_limit_date
  FROM items
  GROUP BY order_id
),
answer AS (
  SELECT order_id, review_score AS score, review_answer_timestamp AS answered
  FROM reviews
  QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY review_answer_timestamp DESC, review_id DESC) = 1
),
purchase AS (
  SELECT
    orders.order_id,
    form.sent,
    customers.customer_unique_id AS customer,
    item.seller_id AS seller,
    item.product_id AS product,
    products.product_category_name AS category,
    sellers.seller_state,
    customers.customer_state,
    sellers.seller_state || '>' || customers.customer_state AS route,
    item.n_products,
    item.shipping_limit_date AS handover_limit,
    order_purchase_timestamp AS purchased,
    order_delivered_carrier_date AS handed_over,
    order_delivered_customer_date AS delivered,
    order_estimated_delivery_date AS promised,
    epoch(order_delivered_customer_date - order_purchase_timestamp) / 86400 AS days,
    (order_delivered_customer_date > order_estimated_delivery_date)::INTEGER AS late,
    answer.score,
    answer.answered
  FROM orders
  LEFT JOIN form ON form.order_id = orders.order_id
  LEFT JOIN item ON item.order_id = orders.order_id
  LEFT JOIN answer ON answer.order_id = orders.order_id
  LEFT JOIN products ON products.product_id = item.product_id
  LEFT JOIN customers ON customers.customer_id = orders.customer_id
  LEFT JOIN sellers ON sellers.seller_id = item.seller_id
),
-- Of few earlier orders a mean says little: it is drawn to 3.2 stars, or to one late delivery in eight, as by five orders.
seller AS (
  SELECT
    p.order_id,
    (16 + coalesce(sum(o.score) FILTER (o.answered < p.sent), 0)) / (5 + count(o.score) FILTER (o.answered < p.sent)) AS seller_score,
    count(o.score) FILTER (o.answered < p.sent) AS seller_orders,
    (0.625 + coalesce(sum(o.late) FILTER (o.delivered < p.sent), 0)) / (5 + count(o.late) FILTER (o.delivered < p.sent)) AS seller_late
  FROM purchase p JOIN purchase o ON o.seller = p.seller AND o.order_id <> p.order_id
  GROUP BY p.order_id
),
product AS (
  SELECT
    p.order_id,
    (16 + coalesce(sum(o.score), 0)) / (5 + count(o.score)) AS product_score
  FROM purchase p JOIN purchase o ON o.product = p.product AND o.order_id <> p.order_id AND o.answered < p.sent
  GROUP BY p.order_id
),
category AS (
  SELECT p.order_id, (64 + sum(o.score)) / (20 + count(o.score)) AS category_score
  FROM purchase p JOIN purchase o ON o.category = p.category AND o.order_id <> p.order_id AND o.answered < p.sent
  GROUP BY p.order_id
),
route AS (
  SELECT
    p.order_id,
    (64 + coalesce(sum(o.score) FILTER (o.answered < p.sent), 0)) / (20 + count(o.score) FILTER (o.answered < p.sent)) AS route_score,
    sum(o.days::DECIMAL(18, 6)) FILTER (o.delivered < p.sent)::DOUBLE / nullif(count(o.days) FILTER (o.delivered < p.sent), 0) AS route_days
  FROM purchase p JOIN purchase o ON o.route = p.route AND o.order_id <> p.order_id
  GROUP BY p.order_id
),
customer AS (
  SELECT p.order_id, sum(o.score) / count(o.score) AS customer_score, count(*) AS customer_orders
  FROM purchase p JOIN purchase o ON o.customer = p.customer AND o.order_id <> p.order_id AND o.answered < p.sent
  GROUP BY p.order_id
),
-- The season, by the day of the form; a day's orders are the same for all its forms.
form_day AS (SELECT DISTINCT date_trunc('day', sent) AS day FROM form),
season AS (
  SELECT
    day,
    count(*) FILTER (o.purchased >= day - INTERVAL 7 DAY AND o.purchased < day) AS orders_7,
    count(*) FILTER (o.purchased >= day - INTERVAL 30 DAY AND o.purchased < day) AS orders_30,
    avg(o.late) FILTER (o.delivered >= day - INTERVAL 7 DAY AND o.delivered < day) AS late_7,
    avg(o.late) FILTER (o.delivered >= day - INTERVAL 14 DAY AND o.delivered < day) AS late_14,
    avg(o.late) FILTER (o.delivered >= day - INTERVAL 9 DAY AND o.delivered < day - INTERVAL 2 DAY) AS late_7_before_2,
    avg(o.late) FILTER (o.delivered >= day - INTERVAL 30 DAY AND o.delivered < day) AS late_30,
    sum(o.days::DECIMAL(18, 6)) FILTER (o.delivered >= day - INTERVAL 30 DAY AND o.delivered < day)::DOUBLE
      / count(*) FILTER (o.delivered >= day - INTERVAL 30 DAY AND o.delivered < day) AS days_30,
    avg(o.score) FILTER (o.answered >= day - INTERVAL 30 DAY AND o.answered < day) AS score_30
  FROM form_day, purchase o
  WHERE o.purchased >= day - INTERVAL 400 DAY
  GROUP BY day
),
capital (state, latitude, longitude) AS (
  VALUES
    ('AC', -9.97, -67.81), ('AL', -9.67, -35.74), ('AM', -3.12, -60.02), ('AP', 0.03, -51.07), ('BA', -12.97, -38.50),
    ('CE', -3.73, -38.53), ('DF', -15.79, -47.88), ('ES', -20.32, -40.34), ('GO', -16.69, -49.26), ('MA', -2.53, -44.30),
    ('MG', -19.92, -43.94), ('MS', -20.45, -54.62), ('MT', -15.60, -56.10), ('PA', -1.46, -48.50), ('PB', -7.12, -34.86),
    ('PE', -8.05, -34.88), ('PI', -5.09, -42.80), ('PR', -25.43, -49.27), ('RJ', -22.91, -43.17), ('RN', -5.79, -35.21),
    ('RO', -8.76, -63.90), ('RR', 2.82, -60.67), ('RS', -30.03, -51.23), ('SC', -27.60, -48.55), ('SE', -10.91, -37.07),
    ('SP', -23.55, -46.63), ('TO', -10.18, -48.33)
)
SELECT
  p.order_id,
  CASE WHEN p.delivered <= p.sent THEN epoch(p.delivered - p.handed_over) / 86400 END AS transit_days,
  CASE WHEN p.handed_over <= p.sent THEN epoch(p.handed_over - p.handover_limit) / 86400 END AS handover_after_limit_days,
  CASE WHEN p.delivered <= p.sent THEN epoch(p.sent - p.delivered) / 86400 END AS form_after_delivery_days,
  dayofweek(p.sent) AS form_weekday,
  p.n_products,
  coalesce(seller.seller_score, 3.2) AS seller_score,
  coalesce(seller.seller_orders, 0) AS seller_orders,
  coalesce(seller.seller_late, 0.125) AS seller_late,
  coalesce(product.product_score, 3.2) AS product_score,
  coalesce(category.category_score, 3.2) AS category_score,
  coalesce(route.route_score, 3.2) AS route_score,
  route.route_days,
  CASE WHEN p.delivered <= p.sent THEN p.days END - route.route_days AS days_over_route,
  customer.customer_score,
  coalesce(customer.customer_orders, 0) AS customer_orders,
  -- Over the great circle between the capitals of the two states.
  12742 * asin(sqrt(
    pow(sin(radians(theirs.latitude - ours.latitude) / 2), 2)
    + cos(radians(ours.latitude)) * cos(radians(theirs.latitude)) * pow(sin(radians(theirs.longitude - ours.longitude) / 2), 2)
  )) AS distance_km,
  season.* EXCLUDE (day)
FROM purchase p
LEFT JOIN seller ON seller.order_id = p.order_id
LEFT JOIN product ON product.order_id = p.order_id
LEFT JOIN category ON category.order_id = p.order_id
LEFT JOIN route ON route.order_id = p.order_id
LEFT JOIN customer ON customer.order_id = p.order_id
LEFT JOIN season ON season.day = date_trunc('day', p.sent)
LEFT JOIN capital AS ours ON ours.state = p.seller_state
LEFT JOIN capital AS theirs ON theirs.state = p.customer_state
