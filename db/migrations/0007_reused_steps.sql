CREATE TABLE "step_results" (
	"key" text PRIMARY KEY NOT NULL,
	"work" text NOT NULL,
	"run_id" uuid NOT NULL,
	"output_sha256" text NOT NULL,
	"output_bytes" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "run_steps" ADD COLUMN "cached_from" uuid;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "cache" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "from_step" text;--> statement-breakpoint
ALTER TABLE "step_results" ADD CONSTRAINT "step_results_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;