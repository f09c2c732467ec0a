SELECT
  id,
  text,
  CASE WHEN rating >= 4 THEN 'positive' WHEN rating = 3 THEN 'neutral' WHEN rating <= 2 THEN 'negative' END AS feeling
FROM reviews
ORDER BY id
