CREATE TABLE "collection_stages" (
	"collection" uuid NOT NULL,
	"stage" text NOT NULL,
	"status" text NOT NULL,
	"message" text,
	"run_id" uuid,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "collection_stages_collection_stage_pk" PRIMARY KEY("collection","stage")
);
--> statement-breakpoint
ALTER TABLE "collection_stages" ADD CONSTRAINT "collection_stages_collection_collections_id_fk" FOREIGN KEY ("collection") REFERENCES "public"."collections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "collection_stages_running" ON "collection_stages" USING btree ("collection") WHERE "collection_stages"."status" = 'running';