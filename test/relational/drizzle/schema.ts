// The schema that drizzle/migrations creates, as Drizzle describes it.

import { relations, sql } from 'drizzle-orm';
import { boolean, check, integer, jsonb, pgEnum, pgTable, text, timestamp, unique } from 'drizzle-orm/pg-core';

export const priority = pgEnum('priority', ['low', 'normal', 'high']);

export const projects = pgTable('projects', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  name: text().notNull().unique(),
});

export const tasks = pgTable(
  'tasks',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    projectId: integer('project_id')
      .notNull()
      .references(() => projects.id, { onDelete: 'cascade' }),
    title: text().notNull(),
    done: boolean().notNull().default(false),
    urgency: priority().notNull().default('normal'),
    labels: jsonb().$type<string[]>().notNull().default([]),
    created: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [unique('one_title_a_project').on(table.projectId, table.title), check('titled', sql`${table.title} <> ''`)],
);

export const projectRelations = relations(projects, ({ many }) => ({ tasks: many(tasks) }));
export const taskRelations = relations(tasks, ({ one }) => ({ project: one(projects, { fields: [tasks.projectId], references: [projects.id] }) }));
