-- One row an order whose customer wrote something.

SELECT
  order_id,
  review_comment_title,
  review_comment_message,
  review_answer_timestamp,
  CASE WHEN review_score >= 4 THEN 'positive' WHEN review_score = 3 THEN 'neutral' ELSE 'negative' END AS sentiment,
  CASE WHEN trim(concat(review_comment_title, review_comment_message)) = '' THEN 'without-text' END AS excluded
FROM reviews
-- The latest answer counts; of answers in the same second, the greater review_id.
QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY review_answer_timestamp DESC, review_id DESC) = 1
ORDER BY order_id
