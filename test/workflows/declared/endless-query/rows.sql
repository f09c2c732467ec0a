SELECT n.id, n.code, n.value + 0 * (
  SELECT sum(sqrt(a.range * b.range)) FROM range(1000000) a, range(1000000) b
) AS value
FROM numbers n
ORDER BY n.id
