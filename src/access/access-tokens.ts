// Bearer tokens: who presents one acts as its role until it expires or is revoked. PostgreSQL keeps them, as hashes, so that
// they hold for every gateway of a store and across restarts.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { statement } from '../engine/client.ts';
import type { Engine } from '../engine/engine.ts';
import { FacetError } from '../kernel/errors.ts';
import { accessLimits } from './limits.ts';

/** What is told of a token after it was issued; the token itself is not kept. */
export type AccessToken = { readonly id: string; readonly role: string; readonly description: string; readonly createdAt: Date; readonly expiresAt: Date };

export type IssueRequest = {
  /** Who asks; only its own role, or one that it is a member of. */
  readonly issuer: string;
  readonly role: string;
  readonly lifetimeMs: number;
  readonly description: string;
};

const prefix = 'fdb_';

const mayAct = statement(`select pg_has_role($1, oid, 'member') as may, rolcanlogin as "canLogin" from pg_roles where rolname = $2`, ['name', 'name']);
const insert = statement(
  `insert into facetdb.access_tokens (id, hash, role, issuer, description, expires_at) select $1, $2, oid, (select oid from pg_roles where rolname = $4), $5, $6 from pg_roles where rolname = $3
   returning created_at as "createdAt"`,
  ['uuid', 'bytea', 'name', 'name', 'text', 'timestamptz'],
);
const find = statement(
  `select r.rolname as role from facetdb.access_tokens t join pg_roles r on r.oid = t.role
   where t.hash = $1 and t.expires_at > now() and r.rolcanlogin and (r.rolvaliduntil is null or r.rolvaliduntil > now())`,
  ['bytea'],
);
const columns = `t.id, r.rolname as role, t.description, t.created_at as "createdAt", t.expires_at as "expiresAt"`;
const list = statement(
  `select ${columns} from facetdb.access_tokens t join pg_roles r on r.oid = t.role
   where t.expires_at > now() and ($1 in (r.rolname, (select rolname from pg_roles where oid = t.issuer)) or (select rolsuper from pg_roles where rolname = $1)) order by t.created_at, t.id`,
  ['name'],
);
const revoke = statement(
  `delete from facetdb.access_tokens t using pg_roles r where r.oid = t.role and t.id = $2
   and ($1 in (r.rolname, (select rolname from pg_roles where oid = t.issuer)) or (select rolsuper from pg_roles where rolname = $1)) returning t.id`,
  ['name', 'uuid'],
);
const removeExpired = statement('delete from facetdb.access_tokens where expires_at <= now()');

export class AccessTokens {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Errors: `role_unknown`, `permission_denied` for a role that the issuer is no member of, `data_invalid`. */
  async issue({ issuer, role, lifetimeMs, description }: IssueRequest): Promise<AccessToken & { readonly token: string }> {
    if (lifetimeMs <= 0 || lifetimeMs > accessLimits.tokenLifetimeMaxMs) throw new FacetError('data_invalid', `a token lives for at most ${accessLimits.tokenLifetimeMaxMs / 86_400_000} days`);
    const store = this.#engine.systemPool;
    const [allowed] = await store.query<{ may: boolean; canLogin: boolean }>(mayAct, [issuer, role]);
    if (allowed === undefined) throw new FacetError('role_unknown', `"${role}"`);
    if (!allowed.may) throw new FacetError('permission_denied', `"${issuer}" is no member of "${role}"`);
    if (!allowed.canLogin) throw new FacetError('permission_denied', `"${role}" may not log in`);
    await store.query(removeExpired);
    const token = `${prefix}${randomBytes(accessLimits.accessTokenBytes).toString('base64url')}`;
    const id = randomUUID();
    const expiresAt = new Date(Date.now() + lifetimeMs);
    const [row] = await store.query<{ createdAt: Date }>(insert, [id, hashOf(token), role, issuer, description, expiresAt]);
    return { id, token, role, description, createdAt: row!.createdAt, expiresAt };
  }

  /** The role that a token acts as. Errors: `authentication_failed`. */
  async authenticate(token: string): Promise<string> {
    const isOurs = token.startsWith(prefix) && token.length <= accessLimits.accessTokenLengthMax;
    const [found] = isOurs ? await this.#engine.systemPool.query<{ role: string }>(find, [hashOf(token)]) : [];
    if (found === undefined) throw new FacetError('authentication_failed', 'the token is unknown, has expired, or was revoked');
    return found.role;
  }

  /** Those of a role and those that it has issued; all, for a superuser. */
  async list(role: string): Promise<AccessToken[]> {
    return await this.#engine.systemPool.query<AccessToken>(list, [role]);
  }

  /** Errors: `object_unknown`, also for a token that is none of the role's affair. */
  async revoke(role: string, id: string): Promise<void> {
    const revoked = await this.#engine.systemPool.query(revoke, [role, id]);
    if (revoked.length === 0) throw new FacetError('object_unknown', `there is no token ${id}`);
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
