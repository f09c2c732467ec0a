CREATE TABLE "collected_parts" (
	"collector" text NOT NULL,
	"part" text NOT NULL,
	"name" text NOT NULL,
	"collection" uuid NOT NULL,
	"content_sha256" text NOT NULL,
	"etag" text,
	"last_modified" text,
	"next" text,
	"records" integer NOT NULL,
	"is_whole" boolean NOT NULL,
	"read_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "collected_parts_collector_part_pk" PRIMARY KEY("collector","part")
);
--> statement-breakpoint
CREATE TABLE "collections" (
	"id" uuid PRIMARY KEY NOT NULL,
	"collector" text NOT NULL,
	"status" text NOT NULL,
	"workflow_id" text NOT NULL,
	"requested_by" text NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"beat_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	"parts" integer DEFAULT 0 NOT NULL,
	"unchanged" integer DEFAULT 0 NOT NULL,
	"accepted" integer DEFAULT 0 NOT NULL,
	"duplicates" integer DEFAULT 0 NOT NULL,
	"rejected" integer DEFAULT 0 NOT NULL,
	"message" text,
	"steps" integer DEFAULT 0 NOT NULL,
	"last_step" jsonb
);
--> statement-breakpoint
CREATE TABLE "collector_pauses" (
	"collector" text PRIMARY KEY NOT NULL,
	"paused" boolean NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "collectors" (
	"collector" text PRIMARY KEY NOT NULL,
	"shape_sha256" text NOT NULL,
	"cursor" text,
	"pass_started_at" timestamp with time zone,
	"repeats" integer DEFAULT 0 NOT NULL,
	"completed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE INDEX "collected_parts_by_content" ON "collected_parts" USING btree ("collector","content_sha256");--> statement-breakpoint
CREATE INDEX "collections_by_collector" ON "collections" USING btree ("collector","started_at");--> statement-breakpoint
CREATE UNIQUE INDEX "collections_running" ON "collections" USING btree ("collector") WHERE "collections"."status" = 'running';