DROP INDEX "runs_by_time";--> statement-breakpoint
DROP INDEX "runs_by_pipeline";--> statement-breakpoint
CREATE INDEX "runs_open" ON "runs" USING btree ("created_at") WHERE status in ('queued', 'running', 'waiting-approval');--> statement-breakpoint
CREATE INDEX "runs_by_time" ON "runs" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "runs_by_pipeline" ON "runs" USING btree ("pipeline","created_at","id");