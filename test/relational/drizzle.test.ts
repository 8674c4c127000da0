// An ORM with migrations: Drizzle over postgres.js, with the migrations of drizzle/migrations.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { and, count, desc, eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { testDatabase } from '../support/database.ts';
import * as schema from './drizzle/schema.ts';

const { projects, tasks } = schema;
const migrationsFolder = fileURLToPath(new URL('drizzle/migrations', import.meta.url));

const database = await testDatabase('drizzle');
const client = postgres(database.url, { max: 3, onnotice: () => {} });
const db = drizzle(client, { schema });
database.beforeDrop(() => client.end());

await migrate(db, { migrationsFolder });
const [house, garden] = await db.insert(projects).values([{ name: 'House' }, { name: 'Garden' }]).returning();
assert.ok(house && garden);
await db.insert(tasks).values([
  { projectId: house.id, title: 'Paint', urgency: 'high', labels: ['white', 'inside'] },
  { projectId: house.id, title: 'Sweep', done: true },
  { projectId: garden.id, title: 'Weed', urgency: 'low' },
]);

test('migrations are remembered, and running them again changes nothing', async () => {
  await migrate(db, { migrationsFolder });
  const [row] = await client`select count(*)::int from drizzle.__drizzle_migrations`;
  assert.deepEqual({ ...row }, { count: 2 });
});

test('relations are read as nested objects', async () => {
  const found = await db.query.projects.findMany({
    columns: { name: true },
    with: { tasks: { columns: { title: true, labels: true }, where: eq(tasks.done, false) } },
    orderBy: desc(projects.name),
  });
  assert.deepEqual(found, [
    { name: 'House', tasks: [{ title: 'Paint', labels: ['white', 'inside'] }] },
    { name: 'Garden', tasks: [{ title: 'Weed', labels: [] }] },
  ]);
});

test('joins and groups', async () => {
  const rows = await db
    .select({ project: projects.name, tasks: count(tasks.id), open: sql<number>`count(*) filter (where not ${tasks.done})::int` })
    .from(projects)
    .innerJoin(tasks, eq(tasks.projectId, projects.id))
    .groupBy(projects.id)
    .orderBy(projects.name);
  assert.deepEqual(rows, [
    { project: 'Garden', tasks: 1, open: 1 },
    { project: 'House', tasks: 2, open: 1 },
  ]);
});

test('rows are changed, upserted and deleted, and come back as they are', async () => {
  const changed = await db
    .update(tasks)
    .set({ urgency: 'high' })
    .where(and(eq(tasks.projectId, garden.id), eq(tasks.title, 'Weed')))
    .returning({ title: tasks.title, urgency: tasks.urgency });
  assert.deepEqual(changed, [{ title: 'Weed', urgency: 'high' }]);

  const upserted = await db
    .insert(tasks)
    .values({ projectId: garden.id, title: 'Weed', done: true })
    .onConflictDoUpdate({ target: [tasks.projectId, tasks.title], set: { done: sql`excluded.done` } })
    .returning({ done: tasks.done, urgency: tasks.urgency });
  assert.deepEqual(upserted, [{ done: true, urgency: 'high' }]);

  await db.insert(tasks).values({ projectId: garden.id, title: 'Mow' });
  assert.equal((await db.delete(tasks).where(eq(tasks.title, 'Mow')).returning()).length, 1);
});

test('a prepared query runs with different values', async () => {
  const byTitle = db.select({ done: tasks.done }).from(tasks).where(eq(tasks.title, sql.placeholder('title'))).prepare('task_by_title');
  assert.deepEqual(await byTitle.execute({ title: 'Sweep' }), [{ done: true }]);
  assert.deepEqual(await byTitle.execute({ title: 'Nothing' }), []);
});

test('nested transactions are savepoints, and constraints hold in them', async () => {
  await db.transaction(async (tx) => {
    await tx.insert(projects).values({ name: 'Attic' });
    const inner = tx.transaction(async (nested) => {
      await nested.insert(tasks).values({ projectId: house.id, title: '' });
    });
    await assert.rejects(inner, (error: Error) => (error.cause as postgres.PostgresError).constraint_name === 'titled');
  });
  const failing = db.transaction(async (tx) => {
    await tx.delete(projects);
    tx.rollback();
  });
  await assert.rejects(failing, /Rollback/);
  assert.equal(await db.$count(projects), 3);
});
