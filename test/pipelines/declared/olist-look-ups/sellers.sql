SELECT seller_id AS key, sum(review_score)::DOUBLE / count(*) AS score
FROM orders
WHERE seller_id IS NOT NULL
GROUP BY seller_id
ORDER BY key
