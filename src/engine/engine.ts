// The engine: the PostgreSQL underneath, embedded or external, as the rest of FacetDB sees it. It opens connections
// as any role, keeps a pool for each role and database, and knows whether PostgreSQL is up.

import { FacetError, isFacetError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { ConnectionBudget } from './connection-budget.ts';
import { type ConnectionTarget, parseConnectionUrl } from './connection-url.ts';
import { type ExternalLogin, connectExternal, oldestServerVersion } from './external.ts';
import { engineLimits } from './limits.ts';
import { type Migration, migrate } from './migrations.ts';
import { Pool } from './pool.ts';
import { type EmbeddedPostgres, systemRole } from './process/embedded-postgres.ts';
import { quoteIdentifier } from './quoting.ts';
import { Session, type SessionOptions } from './session.ts';
import { Connection } from './wire/connection.ts';
import type { ScramKeys } from './wire/scram-client.ts';
import { statement } from './wire/statement.ts';

/** The database that the embedded engine starts with. */
export const defaultDatabase = 'facet';

export type EngineOptions = {
  readonly log: Log;
  /** Bounds; the defaults are in `limits.ts`. */
  readonly connections?: number | undefined;
  readonly poolConnections?: number | undefined;
  readonly poolWaiting?: number | undefined;
  readonly poolWaitMs?: number | undefined;
};

/** How to reach a server, and whether trying makes sense. */
type Server = {
  readonly kind: 'embedded' | 'external';
  /** The role that FacetDB itself acts as. */
  readonly ownRole: string;
  readonly database: string;
  /** The server's address for people, without a password. */
  readonly display: string;
  readonly connect: (role: string, database: string, parameters?: Readonly<Record<string, string>>) => Promise<Connection>;
  /** Keeps what a principal proved itself with, where logging in as that principal needs it. */
  readonly learnSecret: (role: string, secret: string | ScramKeys) => void;
  /** False once PostgreSQL will not come back. */
  readonly hopeful: () => boolean;
};

const parameters = {
  application_name: 'facetdb',
  // What our decoders and error translation rely on, whatever the roles' and databases' own settings are.
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  timezone: 'UTC',
} as const;

const readDatabases = statement('select 1 from pg_database where datname = $1', ['name']);
/** Of systems derived from PostgreSQL, and where Citus distributes tables, one snapshot does not tell of all changes. */
const readVersion = statement(
  String.raw`select current_setting('server_version_num')::int4 as version,
    version() ~ '^PostgreSQL [\d.]+ ' and not exists (select from pg_extension where extname = 'citus') as tells`,
);

export class Engine {
  readonly #server: Server;
  readonly #options: EngineOptions;
  readonly #budget: ConnectionBudget;
  readonly #pools = new Map<string, Pool>();
  #serverVersion = 0;
  #tellsSnapshots = true;
  #closed = false;

  private constructor(server: Server, options: EngineOptions) {
    this.#server = server;
    this.#options = options;
    this.#budget = new ConnectionBudget(options.connections ?? engineLimits.connections);
  }

  /** An engine over a started embedded PostgreSQL; creates the default database where it is missing. */
  static async openEmbedded({ postgres, ...options }: EngineOptions & { readonly postgres: EmbeddedPostgres }): Promise<Engine> {
    const connect: Server['connect'] = (role, database, ownParameters) =>
      Connection.open({
        address: { socketPath: `${postgres.socketDirectory}/.s.PGSQL.${postgres.port}` },
        user: role,
        database,
        parameters: { ...parameters, ...ownParameters },
      });
    const engine = new Engine(
      {
        kind: 'embedded',
        ownRole: systemRole,
        database: defaultDatabase,
        display: postgres.socketDirectory,
        connect,
        // The private socket lets FacetDB in as any role.
        learnSecret: () => {},
        hopeful: () => postgres.state === 'up' || postgres.state === 'down',
      },
      options,
    );
    const connection = await connect(systemRole, 'postgres');
    try {
      const found = await connection.query(readDatabases, [defaultDatabase]);
      if (found.length === 0) await connection.command(`create database ${quoteIdentifier(defaultDatabase)}`);
    } finally {
      await connection.close();
    }
    await engine.#readVersion();
    return engine;
  }

  /**
   * An engine over a server elsewhere. Errors: `configuration_invalid` (the URL), `engine_unavailable`,
   * `authentication_failed`, `engine_unsupported` (older than PostgreSQL 15).
   */
  static async openExternal({ url, ...options }: EngineOptions & { readonly url: string }): Promise<Engine> {
    const target = parseConnectionUrl(url);
    const engine = new Engine(externalServer(target), options);
    try {
      await engine.#readVersion();
      if (engine.#serverVersion < oldestServerVersion) {
        throw new FacetError('engine_unsupported', `${target.display} is PostgreSQL ${Math.floor(engine.#serverVersion / 10_000)}; FacetDB needs 15 or later`);
      }
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  get kind(): 'embedded' | 'external' {
    return this.#server.kind;
  }

  /** As `server_version_num`: 180004 is 18.4. */
  get serverVersion(): number {
    return this.#serverVersion;
  }

  /** A snapshot (`snapshot.ts`) tells of all changes of the store. */
  get tellsSnapshots(): boolean {
    return this.#tellsSnapshots;
  }

  /** The database of sessions that do not choose one. */
  get database(): string {
    return this.#server.database;
  }

  /** The role that FacetDB itself acts as: a superuser on the embedded engine, the URL's user on an external one. */
  get ownRole(): string {
    return this.#server.ownRole;
  }

  /** Where the server is, without any password. */
  get display(): string {
    return this.#server.display;
  }

  /** The pool of FacetDB's own role on the default database. */
  get systemPool(): Pool {
    return this.pool(this.ownRole);
  }

  /** All pools together, for metrics. */
  get poolCounts(): { readonly open: number; readonly busy: number; readonly waiting: number } {
    const sum = { open: 0, busy: 0, waiting: 0 };
    for (const pool of this.#pools.values()) {
      sum.open += pool.counts.open;
      sum.busy += pool.counts.busy;
      sum.waiting += pool.counts.waiting;
    }
    return sum;
  }

  /** The pool of connections that are logged in as `role`. */
  pool(role: string, database = this.database): Pool {
    const key = JSON.stringify([role, database]);
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const { poolConnections, poolWaiting, poolWaitMs } = this.#options;
    const pool = new Pool({
      name: `role "${role}" on database "${database}"`,
      open: (deadlineMs) => this.#connectBy(deadlineMs, () => this.#server.connect(role, database)),
      budget: this.#budget,
      ...(poolConnections === undefined ? {} : { connections: poolConnections }),
      ...(poolWaiting === undefined ? {} : { waiting: poolWaiting }),
      ...(poolWaitMs === undefined ? {} : { waitMs: poolWaitMs }),
    });
    this.#pools.set(key, pool);
    return pool;
  }

  /** A session of `principal`; who calls has authenticated it. */
  session(options: Omit<SessionOptions, 'pool' | 'database'> & { readonly database?: string }): Session {
    const database = options.database ?? this.database;
    return new Session({ ...options, database, pool: this.pool(options.principal, database) });
  }

  /**
   * Tells the engine what `role` has just authenticated with, as an external server will ask for it too. It stays in
   * memory only.
   */
  learnSecret(role: string, secret: string | ScramKeys): void {
    this.#server.learnSecret(role, secret);
  }

  /**
   * A connection of its own, outside of the pools and their bounds: for listening, for groups. `ownParameters` are
   * run-time parameters of PostgreSQL for this connection.
   */
  async connect(role: string, database = this.database, ownParameters?: Readonly<Record<string, string>>): Promise<Connection> {
    const deadlineMs = Date.now() + (this.#options.poolWaitMs ?? engineLimits.poolWaitMs);
    return await this.#connectBy(deadlineMs, () => this.#server.connect(role, database, ownParameters));
  }

  /** Runs the migrations that the default database has not had. See `migrations.ts`. */
  async migrate(migrations: readonly Migration[]): Promise<void> {
    const applied = await migrate(this.systemPool, migrations);
    if (applied.length > 0) this.#options.log.info({ migrations: applied }, 'the store was migrated');
  }

  /** True when PostgreSQL answers now. */
  async isReachable(): Promise<boolean> {
    try {
      await this.systemPool.query(readVersion, [], { timeoutMs: engineLimits.poolWaitMs });
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
    this.#pools.clear();
  }

  async #readVersion(): Promise<void> {
    const [row] = await this.systemPool.query<{ version: number; tells: boolean }>(readVersion);
    this.#serverVersion = row?.version ?? 0;
    this.#tellsSnapshots = row?.tells === true;
  }

  /** Connects; while PostgreSQL is away but expected back, tries again until the deadline. */
  async #connectBy(deadlineMs: number, connect: () => Promise<Connection>): Promise<Connection> {
    for (let pauseMs: number = engineLimits.reconnectFirstMs; ; pauseMs = Math.min(pauseMs * 2, engineLimits.reconnectLastMs)) {
      if (this.#closed) throw new FacetError('shutting_down');
      try {
        return await connect();
      } catch (error) {
        const passing = isFacetError(error, 'engine_unavailable') || isFacetError(error, 'connection_lost');
        if (!passing || !this.#server.hopeful() || Date.now() + pauseMs >= deadlineMs) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

function externalServer(target: ConnectionTarget): Server {
  const secrets = new Map<string, string | ScramKeys>();
  const login = (role: string, database: string): ExternalLogin => {
    if (role === target.user) return { user: role, database, secret: target.password };
    const secret = secrets.get(role);
    // SET ROLE would not need a secret, but any function that the role calls could undo it.
    if (secret === undefined) throw new FacetError('authentication_failed', `role ${role} has not authenticated since FacetDB started`);
    return { user: role, database, secret };
  };
  return {
    kind: 'external',
    ownRole: target.user,
    database: target.database,
    display: target.display,
    connect: async (role, database, ownParameters) =>
      await connectExternal(target, login(role, database), { ...parameters, ...ownParameters }),
    learnSecret: (role, secret) => secrets.set(role, secret),
    hopeful: () => true,
  };
}
