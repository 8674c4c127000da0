// FacetDB's own schema objects, made by numbered migrations: each runs once, all that are due in one transaction,
// under a lock that makes a second starter wait. A store that is newer than the program is refused.

import { FacetError } from '../kernel/errors.ts';
import type { Pool } from './pool.ts';
import { statement } from './wire/statement.ts';

/** Never changed once released: a correction is a migration of its own. */
export type Migration = {
  readonly number: number;
  readonly name: string;
  /** One or more statements. */
  readonly sql: string;
};

/** Arbitrary, and the same in every FacetDB. */
const lockKey = 4_716_920_184_127n;

const takeLock = statement('select 1 from (select pg_advisory_xact_lock($1)) as taken', ['int8']);
const findStore = statement(`select to_regclass('facetdb.migrations') is not null as exists`);
const readApplied = statement('select number, name from facetdb.migrations order by number');
const record = statement('insert into facetdb.migrations (number, name) values ($1, $2)', ['int4', 'text']);

/**
 * Brings the database of `pool` up to the last of `migrations` (ascending, from 1, without gaps); gives the numbers
 * that were applied. Errors: `store_too_new`; `permission_denied` on an engine whose role may not create schemas.
 */
export async function migrate(pool: Pool, migrations: readonly Migration[]): Promise<number[]> {
  return await pool.transaction({ isolation: 'read committed' }, async (transaction) => {
    await transaction.query(takeLock, [lockKey]);
    const [store] = await transaction.query(findStore);
    const applied = store?.['exists'] === true ? await transaction.query<{ number: number; name: string }>(readApplied) : [];
    const latest = migrations.at(-1)?.number ?? 0;
    const newest = applied.at(-1);
    if (newest !== undefined && newest.number > latest) {
      throw new FacetError('store_too_new', `it has migration ${newest.number} (${newest.name}), this program knows ${latest}; use a newer FacetDB`);
    }
    const due = migrations.slice(applied.length);
    for (const migration of due) {
      await transaction.command(migration.sql);
      await transaction.query(record, [migration.number, migration.name]);
    }
    return due.map((migration) => migration.number);
  });
}

/** The first migration: the schema that holds FacetDB's own objects, and the record of migrations. */
export const foundation: Migration = {
  number: 1,
  name: 'foundation',
  sql: `
    create schema facetdb;
    comment on schema facetdb is 'Objects that FacetDB keeps for itself and offers to SQL.';
    grant usage on schema facetdb to public;
    create table facetdb.migrations (
      number int primary key,
      name text not null,
      applied_at timestamptz not null default now()
    );
    comment on table facetdb.migrations is 'The migrations that this database has had.';
    grant select on facetdb.migrations to public;`,
};
