CREATE TYPE "public"."priority" AS ENUM('low', 'normal', 'high');
--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "urgency" "priority" DEFAULT 'normal' NOT NULL;
--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "labels" jsonb DEFAULT '[]'::jsonb NOT NULL;
