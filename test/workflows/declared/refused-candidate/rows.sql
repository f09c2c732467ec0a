SELECT
  o.order_id,
  date_diff('day', o.order_purchase_timestamp, o.order_delivered_customer_date)::DOUBLE AS days_taken,
  date_diff('day', o.order_estimated_delivery_date, o.order_delivered_customer_date)::DOUBLE AS days_late,
  max(r.review_score)::DOUBLE AS score
FROM orders o JOIN reviews r USING (order_id)
GROUP BY ALL
ORDER BY o.order_id
