SELECT
  id,
  concat_ws(' . ', title, text) AS body,
  published,
  CASE WHEN rating >= 4 THEN 'positive' WHEN rating = 3 THEN 'neutral' ELSE 'negative' END AS sentiment
FROM reviews
ORDER BY id
