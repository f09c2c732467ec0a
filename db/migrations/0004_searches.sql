CREATE TABLE "search_trials" (
	"run_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"candidate" text NOT NULL,
	"params" jsonb NOT NULL,
	"seed" bigint NOT NULL,
	"status" text NOT NULL,
	"rung" integer,
	"folds" integer DEFAULT 0 NOT NULL,
	"selection_score" double precision,
	"metrics" jsonb,
	"predictions_sha256" text,
	"message" text,
	"seconds" double precision DEFAULT 0 NOT NULL,
	CONSTRAINT "search_trials_run_id_number_pk" PRIMARY KEY("run_id","number")
);
--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "search" jsonb;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "tuned" jsonb;--> statement-breakpoint
ALTER TABLE "search_trials" ADD CONSTRAINT "search_trials_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;