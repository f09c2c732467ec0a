CREATE TABLE "review_batches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"count" integer NOT NULL,
	"status" text DEFAULT 'received' NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"enqueued_at" timestamp with time zone DEFAULT now() NOT NULL,
	"done_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "review_quarantine" (
	"id" uuid PRIMARY KEY NOT NULL,
	"content_hash" text NOT NULL,
	"content" "bytea" NOT NULL,
	"bytes" integer NOT NULL,
	"source" text,
	"external_id" text,
	"errors" jsonb NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"times" integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "review_signals" (
	"source" text PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reviews" (
	"id" uuid PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"external_id" text,
	"content_hash" text NOT NULL,
	"title" text,
	"text" text,
	"rating" smallint,
	"published_at" timestamp with time zone,
	"author" text,
	"url" text,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"batch_id" uuid NOT NULL,
	"status" text DEFAULT 'received' NOT NULL,
	"reason" text,
	"language" text,
	"sentiment" text,
	"probabilities" jsonb,
	"topic" text,
	"topic_weights" jsonb,
	"scored_pipeline" text,
	"scored_version" integer,
	"scored_at" timestamp with time zone,
	"search" "tsvector" GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, coalesce(title, '') || ' ' || coalesce(text, ''))) STORED
);
--> statement-breakpoint
CREATE INDEX "review_batches_open" ON "review_batches" USING btree ("status","enqueued_at") WHERE "review_batches"."status" <> 'done';--> statement-breakpoint
CREATE UNIQUE INDEX "review_quarantine_by_content" ON "review_quarantine" USING btree ("content_hash");--> statement-breakpoint
CREATE INDEX "review_quarantine_by_time" ON "review_quarantine" USING btree ("received_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "reviews_by_external_id" ON "reviews" USING btree ("source","external_id") WHERE "reviews"."external_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "reviews_by_content" ON "reviews" USING btree ("source","content_hash") WHERE "reviews"."external_id" is null;--> statement-breakpoint
CREATE INDEX "reviews_by_time" ON "reviews" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "reviews_by_source" ON "reviews" USING btree ("source","at","id");--> statement-breakpoint
CREATE INDEX "reviews_waiting" ON "reviews" USING btree ("batch_id") WHERE "reviews"."status" = 'received';--> statement-breakpoint
CREATE INDEX "reviews_quarantined" ON "reviews" USING btree ("at","id") WHERE "reviews"."status" = 'quarantined';--> statement-breakpoint
CREATE INDEX "reviews_by_words" ON "reviews" USING gin ("search");