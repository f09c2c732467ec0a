CREATE TABLE "deployments" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "deployments_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"pipeline" text NOT NULL,
	"action" text NOT NULL,
	"from_version" integer,
	"to_version" integer NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL,
	"run_id" uuid,
	"request_id" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "deployments_request" UNIQUE("pipeline","request_id")
);
--> statement-breakpoint
CREATE TABLE "model_aliases" (
	"pipeline" text NOT NULL,
	"alias" text NOT NULL,
	"version" integer NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "model_aliases_pipeline_alias_pk" PRIMARY KEY("pipeline","alias")
);
--> statement-breakpoint
CREATE TABLE "model_artifacts" (
	"sha256" text PRIMARY KEY NOT NULL,
	"content" "bytea" NOT NULL,
	"bytes" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "model_versions" (
	"pipeline" text NOT NULL,
	"version" integer NOT NULL,
	"run_id" uuid NOT NULL,
	"candidate" text NOT NULL,
	"learner" text NOT NULL,
	"artifact_sha256" text NOT NULL,
	"metrics" jsonb NOT NULL,
	"baseline" jsonb NOT NULL,
	"variants" jsonb NOT NULL,
	"lineage" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "model_versions_pipeline_version_pk" PRIMARY KEY("pipeline","version"),
	CONSTRAINT "model_versions_run_id_unique" UNIQUE("run_id")
);
--> statement-breakpoint
CREATE TABLE "predictions" (
	"id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"pipeline" text NOT NULL,
	"version" integer NOT NULL,
	"label" text,
	"tier" text,
	"score" double precision NOT NULL,
	"instance" jsonb NOT NULL,
	"output" jsonb NOT NULL,
	"request_id" text NOT NULL,
	CONSTRAINT "predictions_at_id_pk" PRIMARY KEY("at","id")
) PARTITION BY RANGE ("at");
--> statement-breakpoint
CREATE TABLE "replica_heartbeats" (
	"replica_id" uuid PRIMARY KEY NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "replicas" (
	"replica_id" uuid NOT NULL,
	"pipeline" text NOT NULL,
	"version" integer NOT NULL,
	"state" text NOT NULL,
	"message" text,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "replicas_replica_id_pipeline_version_pk" PRIMARY KEY("replica_id","pipeline","version")
);
--> statement-breakpoint
CREATE TABLE "run_artifacts" (
	"run_id" uuid NOT NULL,
	"name" text NOT NULL,
	"media_type" text NOT NULL,
	"sha256" text NOT NULL,
	"bytes" bigint NOT NULL,
	CONSTRAINT "run_artifacts_run_id_name_pk" PRIMARY KEY("run_id","name")
);
--> statement-breakpoint
CREATE TABLE "run_candidates" (
	"run_id" uuid NOT NULL,
	"candidate" text NOT NULL,
	"variant" text DEFAULT '' NOT NULL,
	"learner" text NOT NULL,
	"selection_score" double precision NOT NULL,
	"metrics" jsonb NOT NULL,
	"artifact_sha256" text NOT NULL,
	"seconds" double precision NOT NULL,
	CONSTRAINT "run_candidates_run_id_candidate_variant_pk" PRIMARY KEY("run_id","candidate","variant")
);
--> statement-breakpoint
CREATE TABLE "run_steps" (
	"run_id" uuid NOT NULL,
	"step" text NOT NULL,
	"position" integer NOT NULL,
	"attempt" integer NOT NULL,
	"status" text NOT NULL,
	"progress" double precision DEFAULT 0 NOT NULL,
	"message" text,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "run_steps_run_id_step_pk" PRIMARY KEY("run_id","step")
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"pipeline" text NOT NULL,
	"kind" text NOT NULL,
	"status" text DEFAULT 'queued' NOT NULL,
	"source" text NOT NULL,
	"parameters" jsonb NOT NULL,
	"seed" bigint NOT NULL,
	"reason" text,
	"requested_by" text NOT NULL,
	"idempotency_key" text,
	"workflow_id" text NOT NULL,
	"schedule_id" text,
	"snapshot_id" text,
	"rows_report" jsonb,
	"champion" text,
	"model_version" integer,
	"verdict" jsonb,
	"outcome" jsonb,
	"revision" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	CONSTRAINT "runs_idempotency_key_unique" UNIQUE("idempotency_key")
);
--> statement-breakpoint
CREATE TABLE "schedules" (
	"pipeline" text PRIMARY KEY NOT NULL,
	"cron" text NOT NULL,
	"timezone" text NOT NULL,
	"source" text NOT NULL,
	"parameters" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"jitter" text,
	"paused" boolean NOT NULL,
	"origin" text NOT NULL,
	"deleted" boolean DEFAULT false NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "snapshots" (
	"id" text PRIMARY KEY NOT NULL,
	"pipeline" text NOT NULL,
	"manifest" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "uploads" (
	"id" uuid PRIMARY KEY NOT NULL,
	"files" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "validation_reports" (
	"run_id" uuid PRIMARY KEY NOT NULL,
	"snapshot_id" text NOT NULL,
	"verdict" text NOT NULL,
	"report" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "model_aliases" ADD CONSTRAINT "model_aliases_pipeline_version_model_versions_pipeline_version_fk" FOREIGN KEY ("pipeline","version") REFERENCES "public"."model_versions"("pipeline","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_artifact_sha256_model_artifacts_sha256_fk" FOREIGN KEY ("artifact_sha256") REFERENCES "public"."model_artifacts"("sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_artifacts" ADD CONSTRAINT "run_artifacts_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_candidates" ADD CONSTRAINT "run_candidates_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_steps" ADD CONSTRAINT "run_steps_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "validation_reports" ADD CONSTRAINT "validation_reports_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "deployments_by_time" ON "deployments" USING btree ("pipeline","at");--> statement-breakpoint
CREATE INDEX "predictions_by_tier" ON "predictions" USING btree ("pipeline","tier","at","id");--> statement-breakpoint
CREATE INDEX "runs_by_time" ON "runs" USING btree ("created_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "runs_by_pipeline" ON "runs" USING btree ("pipeline","created_at" DESC NULLS LAST);