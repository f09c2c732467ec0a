CREATE TABLE "snapshot_names" (
	"name" text PRIMARY KEY NOT NULL,
	"snapshot_id" text NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "snapshots" ALTER COLUMN "pipeline" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "rows" bigint;--> statement-breakpoint
ALTER TABLE "snapshot_names" ADD CONSTRAINT "snapshot_names_snapshot_id_snapshots_id_fk" FOREIGN KEY ("snapshot_id") REFERENCES "public"."snapshots"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "snapshot_names_by_snapshot" ON "snapshot_names" USING btree ("snapshot_id");--> statement-breakpoint
CREATE INDEX "runs_by_snapshot" ON "runs" USING btree ("snapshot_id");--> statement-breakpoint
CREATE INDEX "runs_by_source" ON "runs" USING hash ("source");--> statement-breakpoint
CREATE INDEX "snapshots_by_time" ON "snapshots" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "validation_reports_by_snapshot" ON "validation_reports" USING btree ("snapshot_id");