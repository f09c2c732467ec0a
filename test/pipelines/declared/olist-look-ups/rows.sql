SELECT
  order_id,
  purchased_at,
  seller_id,
  price,
  (
    SELECT avg(earlier.review_score)
    FROM orders AS earlier
    WHERE earlier.seller_id = orders.seller_id AND earlier.reviewed_at < orders.purchased_at
  ) AS seller_score,
  review_score
FROM orders
ORDER BY order_id
