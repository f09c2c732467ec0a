SELECT
  lead_id,
  source,
  customer_group,
  onboarding,
  purchases,
  time_spent,
  n_visits,
  lead_indicator,
  CASE
    WHEN date_part NOT BETWEEN getvariable('from') AND getvariable('to') THEN 'outside-window'
    WHEN source IS DISTINCT FROM 'signup' THEN 'other-source'
    WHEN lead_indicator IS NULL OR lead_id IS NULL THEN 'without-target'
  END AS excluded
FROM leads
ORDER BY lead_id
