-- One row a review.

SELECT
  id,
  title,
  text,
  coalesce(nullif(regexp_extract(source, '^https?://(?:www\.)?([^/?#]+)', 1), ''), source) AS source,
  regexp_replace(source, '[?#].*$', '') AS page,
  published,
  CASE WHEN rating >= 4 THEN 'positive' WHEN rating = 3 THEN 'neutral' WHEN rating <= 2 THEN 'negative' END AS sentiment,
  CASE
    WHEN rating IS NULL THEN 'without-rating'
    WHEN trim(concat(title, text)) = '' THEN 'without-text'
  END AS excluded
FROM reviews
ORDER BY id
