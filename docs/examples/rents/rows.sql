-- One row a flat.
SELECT
  flat_id,
  listed_on,
  built_on,
  square_metres,
  district,
  rent,
  CASE WHEN rent IS NULL THEN 'without-rent' END AS excluded
FROM flats
ORDER BY flat_id
