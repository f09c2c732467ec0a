CREATE TABLE "review_drift" (
	"pipeline" text NOT NULL,
	"version" integer NOT NULL,
	"day" date NOT NULL,
	"reviews" integer NOT NULL,
	"drift" jsonb NOT NULL,
	"measured_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "review_drift_pipeline_version_day_pk" PRIMARY KEY("pipeline","version","day")
);
--> statement-breakpoint
CREATE TABLE "review_references" (
	"pipeline" text NOT NULL,
	"version" integer NOT NULL,
	"reference" jsonb,
	"reason" text,
	"measured_at" timestamp with time zone,
	CONSTRAINT "review_references_pipeline_version_pk" PRIMARY KEY("pipeline","version")
);
--> statement-breakpoint
CREATE INDEX "reviews_by_scorer" ON "reviews" USING btree ("scored_pipeline","scored_version","at","id") WHERE "reviews"."status" = 'scored';