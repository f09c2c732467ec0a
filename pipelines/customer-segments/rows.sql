WITH purchase AS (
  SELECT CustomerID, InvoiceNo, InvoiceDate, TotalPrice::DECIMAL(18, 4) AS amount FROM invoices
  UNION ALL
  SELECT CustomerID, InvoiceNo, InvoiceDate, (Quantity * UnitPrice::DECIMAL(18, 4))::DECIMAL(18, 4) FROM lines
  WHERE NOT EXISTS (FROM invoices)
),
snapshot AS (
  SELECT coalesce(getvariable('at')::TIMESTAMP, max(InvoiceDate) + INTERVAL 1 DAY) AS snapshot_at FROM purchase
)
SELECT
  regexp_replace(trim(CustomerID), '\.0+$', '') AS customer_id,
  snapshot_at,
  datesub('day', max(InvoiceDate), snapshot_at) AS recency_days,
  count(DISTINCT coalesce(InvoiceNo, InvoiceDate::VARCHAR)) AS frequency,
  sum(amount)::DOUBLE AS monetary
FROM purchase, snapshot
WHERE InvoiceDate < snapshot_at
GROUP BY 1, snapshot_at
ORDER BY customer_id
