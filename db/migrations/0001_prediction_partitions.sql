-- Drizzle cannot declare partitions: `PARTITION BY RANGE ("at")` was added by hand to 0000_initial.sql.
-- The default partition takes what no day's partition takes, so that a prediction is never refused for its time.
CREATE TABLE "predictions_default" PARTITION OF "predictions" DEFAULT;--> statement-breakpoint
CREATE FUNCTION ensure_prediction_partitions(days_ahead integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  day date;
  partition text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('ensure_prediction_partitions'));
  FOR day IN SELECT (now() AT TIME ZONE 'UTC')::date + offset_days FROM generate_series(0, days_ahead) AS offset_days LOOP
    partition := 'predictions_' || to_char(day, 'YYYYMMDD');
    CONTINUE WHEN to_regclass(partition) IS NOT NULL;
    -- Rows of that day already in the default partition would refuse the new one: they stay where they are.
    CONTINUE WHEN EXISTS (
      SELECT FROM "predictions_default"
      WHERE "at" >= day::timestamp AT TIME ZONE 'UTC' AND "at" < (day + 1)::timestamp AT TIME ZONE 'UTC'
    );
    EXECUTE format(
      'CREATE TABLE %I PARTITION OF "predictions" FOR VALUES FROM (%L) TO (%L)',
      partition, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC'
    );
  END LOOP;
END
$$;
