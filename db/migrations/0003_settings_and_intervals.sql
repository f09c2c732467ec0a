ALTER TABLE "model_versions" ADD COLUMN "intervals" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "settings_sha256" text;