// A query builder: Kysely with its PostgreSQL dialect over `pg`, its schema builder and its migrator.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Generated, Kysely, type Migration, Migrator, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { testDatabase } from '../support/database.ts';

type Tables = {
  author: { id: Generated<number>; name: string; born: number | null };
  book: { id: Generated<number>; author_id: number; title: string; pages: number; detail: unknown };
};

const migrations: Record<string, Migration> = {
  '001_authors': {
    async up(db) {
      await db.schema
        .createTable('author')
        .addColumn('id', 'integer', (column) => column.generatedAlwaysAsIdentity().primaryKey())
        .addColumn('name', 'text', (column) => column.notNull().unique())
        .execute();
    },
    async down(db) {
      await db.schema.dropTable('author').execute();
    },
  },
  '002_books': {
    async up(db) {
      await db.schema.alterTable('author').addColumn('born', 'integer').execute();
      await db.schema
        .createTable('book')
        .addColumn('id', 'integer', (column) => column.generatedAlwaysAsIdentity().primaryKey())
        .addColumn('author_id', 'integer', (column) => column.notNull().references('author.id').onDelete('cascade'))
        .addColumn('title', 'text', (column) => column.notNull())
        .addColumn('pages', 'integer', (column) => column.notNull().check(sql`pages > 0`))
        .addColumn('detail', 'jsonb')
        .execute();
      await db.schema.createIndex('book_by_author').on('book').column('author_id').execute();
    },
    async down(db) {
      await db.schema.dropTable('book').execute();
      await db.schema.alterTable('author').dropColumn('born').execute();
    },
  },
};

const database = await testDatabase('kysely');
const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: database.url, max: 3 }) }) });
const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
database.beforeDrop(() => db.destroy());

const migrated = await migrator.migrateToLatest();
assert.deepEqual(
  migrated.results?.map(({ migrationName, status }) => [migrationName, status]),
  [
    ['001_authors', 'Success'],
    ['002_books', 'Success'],
  ],
);

await db
  .insertInto('author')
  .values([
    { name: 'Ursula', born: 1929 },
    { name: 'Stanisław', born: 1921 },
    { name: 'Anon', born: null },
  ])
  .execute();
await db
  .insertInto('book')
  .values([
    { author_id: 1, title: 'The Dispossessed', pages: 341, detail: JSON.stringify({ prizes: ['Hugo', 'Nebula'] }) },
    { author_id: 1, title: 'The Lathe of Heaven', pages: 184, detail: null },
    { author_id: 2, title: 'Solaris', pages: 204, detail: null },
  ])
  .execute();

test('joins, groups and filters', async () => {
  const rows = await db
    .selectFrom('author')
    .leftJoin('book', 'book.author_id', 'author.id')
    .select(({ fn }) => ['author.name', fn.count<string>('book.id').as('books'), fn.sum<string | null>('book.pages').as('pages')])
    .groupBy('author.id')
    .having(({ fn }) => fn.count('book.id'), '<', 3)
    .orderBy('author.name')
    .execute();
  assert.deepEqual(rows, [
    { name: 'Anon', books: '0', pages: null },
    { name: 'Stanisław', books: '1', pages: '204' },
    { name: 'Ursula', books: '2', pages: '525' },
  ]);
});

test('common table expressions, windows and JSON paths', async () => {
  const rows = await db
    .with('ranked', (qb) =>
      qb.selectFrom('book').select(({ fn, ref }) => [
        'title',
        fn.agg<string>('rank').over((over) => over.partitionBy('author_id').orderBy('pages', 'desc')).as('rank'),
        sql<string | null>`${ref('detail')} -> 'prizes' ->> 0`.as('prize'),
      ]),
    )
    .selectFrom('ranked')
    .selectAll()
    .where('rank', '=', '1')
    .orderBy('title')
    .execute();
  assert.deepEqual(rows, [
    { title: 'Solaris', rank: '1', prize: null },
    { title: 'The Dispossessed', rank: '1', prize: 'Hugo' },
  ]);
});

test('a conflict is resolved, and what was written comes back', async () => {
  const row = await db
    .insertInto('author')
    .values({ name: 'Anon', born: 1900 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(({ ref }) => ({ born: ref('excluded.born') })))
    .returning(['name', 'born'])
    .executeTakeFirstOrThrow();
  assert.deepEqual(row, { name: 'Anon', born: 1900 });
});

test('a transaction that throws leaves nothing', async () => {
  const failing = db
    .transaction()
    .setIsolationLevel('serializable')
    .execute(async (tx) => {
      await tx.deleteFrom('author').where('name', '=', 'Ursula').execute();
      await tx.insertInto('book').values({ author_id: 2, title: 'Nothing', pages: 0, detail: null }).execute();
    });
  await assert.rejects(failing, { code: '23514', constraint: 'book_pages_check' });
  const { count } = await db
    .selectFrom('book')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  assert.equal(count, '3');
});

test('a savepoint of a controlled transaction takes back its part', async () => {
  const tx = await db.startTransaction().execute();
  await tx.insertInto('author').values({ name: 'Kept', born: null }).execute();
  const saved = await tx.savepoint('part').execute();
  await saved.insertInto('author').values({ name: 'Taken back', born: null }).execute();
  await saved.rollbackToSavepoint('part').execute();
  await tx.commit().execute();
  const rows = await db.selectFrom('author').select('name').where('name', 'in', ['Kept', 'Taken back']).execute();
  assert.deepEqual(rows, [{ name: 'Kept' }]);
});

test('the schema is read back by introspection', async () => {
  const tables = await db.introspection.getTables();
  const book = tables.find((table) => table.name === 'book');
  assert.deepEqual(
    book?.columns.map(({ name, dataType, isNullable }) => [name, dataType, isNullable]),
    [
      ['id', 'int4', false],
      ['author_id', 'int4', false],
      ['title', 'text', false],
      ['pages', 'int4', false],
      ['detail', 'jsonb', true],
    ],
  );
});

test('the last migration is undone', async () => {
  const { error, results } = await migrator.migrateDown();
  assert.equal(error, undefined);
  assert.deepEqual(results?.map(({ migrationName, direction }) => [migrationName, direction]), [['002_books', 'Down']]);
  await assert.rejects(db.selectFrom('book').selectAll().execute(), { code: '42P01' });
});
