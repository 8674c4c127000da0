// What roles may do, in the three measures that the command line knows: read, write, all; on a schema with the tables that
// it has, or on one table. Everything finer is SQL's GRANT and REVOKE, which act on the same rights.

import { quoteIdentifier } from '../engine/quoting.ts';
import { FacetError } from '../kernel/errors.ts';
import type { RoleStore } from './roles.ts';

/** read: look at rows. write: change them as well. all: everything that an owner can give away. */
export const accessMeasures = ['read', 'write', 'all'] as const;
export type AccessMeasure = (typeof accessMeasures)[number];

export type AccessTarget = { readonly schema: string; readonly table?: string };

type Privileges = { readonly schema: string; readonly tables: string; readonly sequences: string };

const granted = {
  read: { schema: 'usage', tables: 'select', sequences: 'select' },
  write: { schema: 'usage', tables: 'select, insert, update, delete', sequences: 'select, usage' },
  all: { schema: 'all', tables: 'all', sequences: 'all' },
} as const satisfies Record<AccessMeasure, Privileges>;

/** Who may no longer write may still read; who may no longer read may do nothing. */
const revoked = {
  read: granted.all,
  write: { schema: 'create', tables: 'insert, update, delete, truncate', sequences: 'usage, update' },
  all: granted.all,
} as const satisfies Record<AccessMeasure, Privileges>;

export type AccessChange = { readonly role: string; readonly measure: AccessMeasure; readonly target: AccessTarget };

/** Errors: `object_unknown` for the role, schema or table; `permission_denied`. */
export async function grantAccess(store: RoleStore, { role, measure, target }: AccessChange): Promise<void> {
  const name = quoteIdentifier(role);
  const schema = quoteIdentifier(target.schema);
  await store.query(`grant ${granted[measure].schema === 'all' && target.table === undefined ? 'all' : 'usage'} on schema ${schema} to ${name}`);
  for (const { privileges, on } of await objectsOf(store, target, granted[measure])) await store.query(`grant ${privileges} on ${on} to ${name}`);
}

/** Takes rights back. On one table, the schema stays usable. Errors as `grantAccess`. */
export async function revokeAccess(store: RoleStore, { role, measure, target }: AccessChange): Promise<void> {
  const name = quoteIdentifier(role);
  for (const { privileges, on } of await objectsOf(store, target, revoked[measure])) await store.query(`revoke ${privileges} on ${on} from ${name}`);
  if (target.table === undefined) await store.query(`revoke ${revoked[measure].schema} on schema ${quoteIdentifier(target.schema)} from ${name}`);
}

/** Makes `role` a member of `group`: it may do what the group may. Errors: `object_unknown`, `permission_denied`. */
export async function grantRole(store: RoleStore, { role, group }: { role: string; group: string }): Promise<void> {
  await store.query(`grant ${quoteIdentifier(group)} to ${quoteIdentifier(role)}`);
}

export async function revokeRole(store: RoleStore, { role, group }: { role: string; group: string }): Promise<void> {
  await store.query(`revoke ${quoteIdentifier(group)} from ${quoteIdentifier(role)}`);
}

const namePart = String.raw`(?:"((?:[^"]|"")+)"|([^".]+))`;
const targetText = new RegExp(`^${namePart}(?:\\.${namePart})?$`);

/** Reads `shop`, `shop.orders` or `"my schema"."my.table"`; names count exactly as written. Throws `data_invalid`. */
export function parseAccessTarget(text: string): AccessTarget {
  const match = targetText.exec(text);
  const schema = match?.[1]?.replaceAll('""', '"') ?? match?.[2];
  const table = match?.[3]?.replaceAll('""', '"') ?? match?.[4];
  if (schema === undefined) throw new FacetError('data_invalid', `"${text}" is not a SCHEMA or SCHEMA.TABLE`);
  return table === undefined ? { schema } : { schema, table };
}

async function objectsOf(store: RoleStore, { schema, table }: AccessTarget, privileges: Privileges): Promise<{ privileges: string; on: string }[]> {
  const inSchema = quoteIdentifier(schema);
  if (table === undefined) {
    return [
      { privileges: privileges.tables, on: `all tables in schema ${inSchema}` },
      { privileges: privileges.sequences, on: `all sequences in schema ${inSchema}` },
    ];
  }
  const sequences = await ownedSequences(store, { schema, table });
  return [
    { privileges: privileges.tables, on: `table ${inSchema}.${quoteIdentifier(table)}` },
    ...sequences.map((sequence) => ({ privileges: privileges.sequences, on: `sequence ${sequence}` })),
  ];
}

/** The sequences behind a table's `serial` columns, quoted: who inserts needs them as well. */
async function ownedSequences(store: RoleStore, { schema, table }: { schema: string; table: string }): Promise<string[]> {
  const rows = await store.query<{ schema: string; name: string }>(
    `select sn.nspname as "schema", s.relname as "name"
       from pg_class t join pg_namespace tn on tn.oid = t.relnamespace
       join pg_depend d on d.refobjid = t.oid and d.refclassid = 'pg_class'::regclass and d.classid = 'pg_class'::regclass and d.deptype = 'a'
       join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_namespace sn on sn.oid = s.relnamespace
      where tn.nspname = $1 and t.relname = $2
      order by 1, 2`,
    [schema, table],
  );
  return rows.map((row) => `${quoteIdentifier(row.schema)}.${quoteIdentifier(row.name)}`);
}
