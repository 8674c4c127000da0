// FacetDB's users are PostgreSQL's roles: listed, made, removed, and found again for a login. What they may do: grants.ts.
// A password leaves this process as a SCRAM verifier only. PostgreSQL's manual, "Database Roles".

import { quoteIdentifier, quoteLiteral } from '../engine/quoting.ts';
import type { Pool } from '../engine/pool.ts';
import { systemRole } from '../engine/process/embedded-postgres.ts';
import type { Transaction } from '../engine/transaction.ts';
import { FacetError, isFacetError } from '../kernel/errors.ts';
import { accessLimits } from './limits.ts';
import { createVerifier, formatVerifier } from './scram-verifier.ts';

/** Runs statements as a role that may manage roles: a pool, or a transaction. */
export type RoleStore = Pick<Pool, 'query'>;

export type Role = {
  readonly name: string;
  readonly canLogin: boolean;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly createDatabase: boolean;
  /** The roles whose rights it has too, directly. */
  readonly memberOf: string[];
  /** Its password is accepted until then; undefined: for ever. */
  readonly validUntil: Date | undefined;
};

export type RoleAttributes = { readonly superuser?: boolean; readonly createRole?: boolean; readonly createDatabase?: boolean };

/** All roles but PostgreSQL's predefined ones and FacetDB's own, by name. */
export async function listRoles(store: RoleStore): Promise<Role[]> {
  const rows = await store.query<Role & { validUntil: Date | number | null }>(
    `select r.rolname as "name", r.rolcanlogin as "canLogin", r.rolsuper as "superuser", r.rolcreaterole as "createRole",
            r.rolcreatedb as "createDatabase", r.rolvaliduntil as "validUntil",
            array(select g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid
                  where m.member = r.oid group by g.rolname order by g.rolname) as "memberOf"
       from pg_roles r
      where r.rolname !~ '^pg_' and r.rolname <> $1
      order by r.rolname`,
    [systemRole],
  );
  return rows.map((row) => ({ ...row, validUntil: row.validUntil instanceof Date ? row.validUntil : undefined }));
}

/** Makes a role that logs in; without a password it cannot, until it gets one. Throws `role_exists`, `permission_denied`. */
export async function addRole(store: RoleStore, { name, password, ...attributes }: { name: string; password?: string } & RoleAttributes): Promise<void> {
  const { superuser = false, createRole = false, createDatabase = false } = attributes;
  const words = ['login', superuser && 'superuser', createRole && 'createrole', createDatabase && 'createdb', password !== undefined && (await passwordClause(password))];
  try {
    await store.query(`create role ${quoteIdentifier(name)} ${words.filter(Boolean).join(' ')}`);
  } catch (error) {
    throw isFacetError(error, 'object_exists') ? new FacetError('role_exists', `"${name}"`, { cause: error }) : error;
  }
}

/** Removes a role that owns nothing and has no rights on anything (see `releaseOwned`). Throws `role_unknown`, `permission_denied`, `dependents_exist`. */
export async function removeRole(store: RoleStore, name: string): Promise<void> {
  await namingUnknownRole(name, () => store.query(`drop role ${quoteIdentifier(name)}`));
}

/** How many objects (databases, schemas, tables, …) the role owns, in all databases. */
export async function countOwned(store: RoleStore, name: string): Promise<number> {
  const [row] = await store.query<{ count: number }>(
    `select count(*)::int4 as "count" from pg_shdepend d join pg_roles r on r.oid = d.refobjid
      where d.refclassid = 'pg_authid'::regclass and d.deptype = 'o' and r.rolname = $1`,
    [name],
  );
  return row?.count ?? 0;
}

/**
 * Gives all that `name` owns in the transaction's database to `heir`, and takes back the rights that it has there. One
 * transaction, so that nothing which `name` makes meanwhile is dropped. Throws `role_unknown`, `permission_denied`.
 */
export async function releaseOwned(transaction: Transaction, { name, heir }: { name: string; heir: string }): Promise<void> {
  await namingUnknownRole(`${name}" or "${heir}`, async () => {
    await transaction.command(`reassign owned by ${quoteIdentifier(name)} to ${quoteIdentifier(heir)}`);
    await transaction.command(`drop owned by ${quoteIdentifier(name)}`);
  });
}

/** Throws `role_unknown`, `permission_denied`. */
export async function setPassword(store: RoleStore, { name, password }: { name: string; password: string }): Promise<void> {
  const clause = await passwordClause(password);
  await namingUnknownRole(name, () => store.query(`alter role ${quoteIdentifier(name)} ${clause}`));
}

/** What a login needs to know of a role. */
export type Login = {
  readonly superuser: boolean;
  readonly canLogin: boolean;
  /** Its password has not passed `VALID UNTIL`. */
  readonly isValid: boolean;
  /** As pg_authid holds it: a SCRAM verifier, an MD5 hash, or null for no password. */
  readonly verifier: string | null;
};

/** The role by that exact name. Throws `engine_unsupported` where the store's own role may not read verifiers. */
export async function findLogin(store: RoleStore, name: string): Promise<Login | undefined> {
  // PostgreSQL has no such names, and no such texts.
  if (name.includes('\0')) return undefined;
  try {
    const [login] = await store.query<Login>(
      `select rolsuper as "superuser", rolcanlogin as "canLogin", rolpassword as "verifier",
              rolvaliduntil is null or rolvaliduntil > now() as "isValid"
         from pg_authid where rolname = $1`,
      [name],
    );
    return login;
  } catch (error) {
    if (!isFacetError(error, 'permission_denied')) throw error;
    throw new FacetError('engine_unsupported', 'passwords can only be checked where the role in --engine may read pg_authid: a superuser, or granted SELECT on it', { cause: error });
  }
}

/** Whether `findLogin` works here: always on the embedded engine, not for every role on an external one. */
export async function canCheckPasswords(store: RoleStore): Promise<boolean> {
  const [row] = await store.query<{ can: boolean }>(`select has_table_privilege('pg_catalog.pg_authid', 'select') as "can"`);
  return row?.can === true;
}

async function passwordClause(password: string): Promise<string> {
  checkPassword(password);
  return `password ${quoteLiteral(formatVerifier(await createVerifier(password)))}`;
}

/** Throws `data_invalid` for a password that no client could use. */
function checkPassword(password: string): void {
  if (password === '') throw new FacetError('data_invalid', 'the password is empty');
  if (password.includes('\0')) throw new FacetError('data_invalid', 'the password holds the character U+0000');
  if (Buffer.byteLength(password) > accessLimits.passwordBytes) {
    throw new FacetError('data_invalid', `the password is longer than ${accessLimits.passwordBytes} bytes`);
  }
}

async function namingUnknownRole<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isFacetError(error, 'object_unknown') ? new FacetError('role_unknown', `"${name}"`, { cause: error }) : error;
  }
}
