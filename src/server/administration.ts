// Managing the users of a store from outside its server: over the private socket of a running embedded one, which lets in
// the operating system's user that FacetDB runs as, or over the URL of an external PostgreSQL.

import { join } from 'node:path';
import { type AccessChange, grantAccess, grantRole, revokeAccess, revokeRole } from '../access/grants.ts';
import { type Role, type RoleAttributes, type RoleStore, addRole, countOwned, listRoles, releaseOwned, removeRole, setPassword } from '../access/roles.ts';
import { Connection, type Statement, statement } from '../engine/client.ts';
import { Engine, defaultDatabase } from '../engine/engine.ts';
import { readServerState } from '../engine/process/data-folder.ts';
import { systemRole } from '../engine/process/embedded-postgres.ts';
import { type PostmasterFile, readPostmasterFile } from '../engine/process/postmaster-file.ts';
import { Transaction } from '../engine/transaction.ts';
import { FacetError, isFacetError, systemErrorCode } from '../kernel/errors.ts';
import { silentLog } from '../kernel/log.ts';
import { administratorRole, writePasswordFile } from './administrator.ts';
import { dataFolderOf } from './data-folder-setting.ts';
import type { Settings } from './options.ts';

export { type AccessMeasure, accessMeasures, parseAccessTarget } from '../access/grants.ts';
export type { Role, RoleAttributes } from '../access/roles.ts';
export { randomPassword } from './administrator.ts';

/** How to connect to the store as a role that may manage roles. */
type Access = {
  readonly role: string;
  readonly database: string;
  readonly connect: (database: string) => Promise<Connection>;
  readonly close: () => Promise<void>;
  /** Where the administrator's password is kept; undefined with an external PostgreSQL. */
  readonly passwordFile: string | undefined;
};

export class Administration {
  readonly #access: Access;
  /** By database. */
  readonly #connections = new Map<string, Connection>();

  private constructor(access: Access) {
    this.#access = access;
  }

  /** Errors: `not_running`, `permission_denied`, `engine_unavailable`, and those of an external PostgreSQL's URL. */
  static async open(settings: Settings, { connectTimeoutMs }: { connectTimeoutMs?: number } = {}): Promise<Administration> {
    const access = settings.engine === undefined ? await embeddedAccess(settings, connectTimeoutMs) : await externalAccess(settings.engine);
    const administration = new Administration(access);
    try {
      await administration.#store();
    } catch (error) {
      await administration.close();
      throw error;
    }
    return administration;
  }

  async listUsers(): Promise<Role[]> {
    return await listRoles(await this.#store());
  }

  /** Errors: `role_exists`, `data_invalid` for a name or password that cannot be. */
  async addUser(user: { name: string; password: string } & RoleAttributes): Promise<void> {
    await addRole(await this.#store(), user);
  }

  /**
   * Removes a user with its rights, in every database. `heir` gets what it owns; without one, a user that owns anything
   * stays. Errors: `role_unknown`, `dependents_exist`.
   */
  async removeUser({ name, heir }: { name: string; heir?: string | undefined }): Promise<void> {
    const store = await this.#store();
    const owned = await countOwned(store, name);
    if (owned > 0 && heir === undefined) throw new FacetError('dependents_exist', `${name} owns ${owned === 1 ? 'one object' : `${owned} objects`} (databases, schemas, tables and the like)`);
    for (const database of await this.#databases()) {
      const release = (transaction: Transaction): Promise<void> => releaseOwned(transaction, { name, heir: heir ?? this.#access.role });
      await Transaction.run(await this.#connection(database), { isolation: 'read committed' }, release);
    }
    await removeRole(store, name);
  }

  /** Errors: `role_unknown`, `data_invalid`. */
  async setPassword({ name, password }: { name: string; password: string }): Promise<void> {
    await setPassword(await this.#store(), { name, password });
    const { passwordFile } = this.#access;
    if (name === administratorRole && passwordFile !== undefined) await writePasswordFile(passwordFile, password);
  }

  /** `database`: default, the store's. Errors: `object_unknown`, `permission_denied`. */
  async grant(change: AccessChange, database?: string): Promise<void> {
    await grantAccess(await this.#store(database), change);
  }

  async revoke(change: AccessChange, database?: string): Promise<void> {
    await revokeAccess(await this.#store(database), change);
  }

  /** Errors: `object_unknown`, `permission_denied`. */
  async grantRole(membership: { role: string; group: string }): Promise<void> {
    await grantRole(await this.#store(), membership);
  }

  async revokeRole(membership: { role: string; group: string }): Promise<void> {
    await revokeRole(await this.#store(), membership);
  }

  async close(): Promise<void> {
    for (const connection of this.#connections.values()) await connection.close();
    await this.#access.close();
  }

  async #connection(database: string): Promise<Connection> {
    const connection = this.#connections.get(database) ?? (await this.#access.connect(database));
    this.#connections.set(database, connection);
    return connection;
  }

  async #store(database = this.#access.database): Promise<RoleStore> {
    const connection = await this.#connection(database);
    return { query: (sql, values) => queryOn(connection, sql, values) };
  }

  async #databases(): Promise<string[]> {
    const store = await this.#store();
    const rows = await store.query<{ name: string }>('select datname as "name" from pg_database where datallowconn and not datistemplate order by 1');
    return rows.map(({ name }) => name);
  }
}

/** Whatever is asked here is asked with names, and names are texts. */
async function queryOn<R>(connection: Connection, sql: Statement | string, values: readonly unknown[] = []): Promise<R[]> {
  const prepared = typeof sql === 'string' ? statement(sql, values.map(() => 'text')) : sql;
  return (await connection.query(prepared, values)) as R[];
}

async function embeddedAccess(settings: Settings, connectTimeoutMs: number | undefined): Promise<Access> {
  const { path } = dataFolderOf(settings);
  const state = await readServerState(path);
  const postmaster = state && (await findPostmaster(path));
  if (postmaster === undefined) throw new FacetError('not_running', `start the one on ${path} with "facetdb start", or name another data folder with --data`);
  const socketPath = join(postmaster.socketDirectory, `.s.PGSQL.${postmaster.port}`);
  return {
    role: systemRole,
    database: defaultDatabase,
    connect: async (database) => {
      try {
        return await Connection.open({ address: { socketPath }, user: systemRole, database, ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }) });
      } catch (error) {
        // The private socket knows its visitors by the operating system's user, and lets in only FacetDB's own.
        throw isFacetError(error, 'authentication_failed') ? otherUser(path, error) : error;
      }
    },
    close: async () => {},
    passwordFile: join(path, 'administrator-password'),
  };
}

async function findPostmaster(dataDir: string): Promise<PostmasterFile | undefined> {
  try {
    return await readPostmasterFile(join(dataDir, 'postgres'));
  } catch (error) {
    throw systemErrorCode(error) === 'EACCES' ? otherUser(dataDir, error) : error;
  }
}

function otherUser(dataDir: string, cause: unknown): FacetError {
  return new FacetError('permission_denied', `only the user that FacetDB runs as on ${dataDir} may manage its users from the command line`, { cause });
}

async function externalAccess(url: string): Promise<Access> {
  const engine = await Engine.openExternal({ url, log: silentLog });
  return {
    role: engine.ownRole,
    database: engine.database,
    connect: async (database) => await engine.connect(engine.ownRole, database),
    close: async () => await engine.close(),
    passwordFile: undefined,
  };
}
