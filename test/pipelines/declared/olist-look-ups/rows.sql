SELECT
  order_id,
  purchased_at,
  seller_id,
  price,
  -- A seller without earlier orders has the look-up's default, as in serving.
  coalesce(
    (
      SELECT sum(earlier.review_score)::DOUBLE / count(*)
      FROM orders AS earlier
      WHERE earlier.seller_id = orders.seller_id AND earlier.reviewed_at < orders.purchased_at
    ),
    4.1
  ) AS seller_score,
  review_score
FROM orders
ORDER BY order_id
