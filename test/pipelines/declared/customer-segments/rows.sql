WITH invoice AS (
  SELECT CustomerID, InvoiceNo, InvoiceDate, TotalPrice::DECIMAL(18, 2) AS amount FROM invoices
  UNION ALL
  SELECT CustomerID, InvoiceNo, InvoiceDate, (Quantity * UnitPrice)::DECIMAL(18, 2) FROM lines
),
snapshot AS (
  SELECT coalesce(try_cast(getvariable('at') AS TIMESTAMP), max(InvoiceDate) + INTERVAL 1 DAY) AS snapshot_at
  FROM invoice
)
SELECT
  CustomerID AS customer_id,
  snapshot_at,
  date_diff('day', max(InvoiceDate), snapshot_at) AS recency_days,
  count(DISTINCT coalesce(InvoiceNo, InvoiceDate::VARCHAR)) AS frequency,
  sum(amount)::DOUBLE AS monetary,
  CASE WHEN sum(amount) <= 0 THEN 'without-purchase' END AS excluded
FROM invoice, snapshot
WHERE CustomerID IS NOT NULL AND InvoiceDate < snapshot_at
GROUP BY CustomerID, snapshot_at
ORDER BY customer_id
