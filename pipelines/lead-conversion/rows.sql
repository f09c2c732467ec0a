-- One row a lead. Which leads are taken is said by the filters of the table, and rows without id or target do not
-- come this far.
SELECT
  lead_id,
  source,
  customer_group,
  onboarding,
  purchases,
  time_spent,
  n_visits,
  lead_indicator
FROM leads
ORDER BY lead_id
