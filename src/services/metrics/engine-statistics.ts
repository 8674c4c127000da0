// What PostgreSQL itself counts, asked for at most every few seconds. SQL clients talk to PostgreSQL directly, so this is
// all that is known of them. PostgreSQL's manual, "The Cumulative Statistics System".

import type { Engine } from '../../engine/engine.ts';
import { statement } from '../../engine/client.ts';
import { metricsLimits } from './limits.ts';

export type DatabaseStatistics = {
  readonly database: string;
  /** Undefined where FacetDB's own role may not know. */
  readonly sizeBytes: number | undefined;
  readonly sessions: number;
  readonly committed: number;
  readonly rolledBack: number;
  readonly deadlocks: number;
  readonly activeSeconds: number;
};

export type EngineStatistics = {
  readonly databases: readonly DatabaseStatistics[];
  /** Clients connected over TCP: FacetDB itself uses the private socket. */
  readonly tcpConnections: number;
};

type DatabaseRow = { database: string; sizeBytes: bigint | null; sessions: number; committed: number; rolledBack: number; deadlocks: number; activeSeconds: number };

// float8 holds counts up to 2^53 exactly, and is what Prometheus keeps anyway.
const readDatabases = statement(`
  select d.datname as "database",
         case when has_database_privilege(d.oid, 'connect') then pg_database_size(d.oid) end as "sizeBytes",
         s.sessions::float8 as "sessions", s.xact_commit::float8 as "committed", s.xact_rollback::float8 as "rolledBack",
         s.deadlocks::float8 as "deadlocks", s.active_time / 1000 as "activeSeconds"
    from pg_database d join pg_stat_database s on s.datid = d.oid
   where not d.datistemplate
   order by 1`);

const readConnections = statement(`
  select count(*)::int4 as "connections" from pg_stat_activity where backend_type = 'client backend' and client_addr is not null`);

export class EngineStatisticsReader {
  readonly #engine: Engine;
  #latest: { readonly at: number; readonly statistics: Promise<EngineStatistics | undefined> } | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The latest statistics, at most `statisticsLifetimeMs` old; undefined while PostgreSQL does not answer in time. */
  read(): Promise<EngineStatistics | undefined> {
    const now = performance.now();
    if (this.#latest === undefined || now - this.#latest.at >= metricsLimits.statisticsLifetimeMs) {
      this.#latest = { at: now, statistics: this.#readNow() };
    }
    return this.#latest.statistics;
  }

  async #readNow(): Promise<EngineStatistics | undefined> {
    const signal = AbortSignal.timeout(metricsLimits.statisticsTimeoutMs);
    try {
      const pool = this.#engine.systemPool;
      const [databases, connections] = await Promise.all([
        pool.query<DatabaseRow>(readDatabases, [], { signal }),
        pool.query<{ connections: number }>(readConnections, [], { signal }),
      ]);
      return {
        databases: databases.map((row) => ({ ...row, sizeBytes: row.sizeBytes === null ? undefined : Number(row.sizeBytes) })),
        tcpConnections: connections[0]?.connections ?? 0,
      };
    } catch {
      return undefined; // That PostgreSQL is away is a measurement too: facetdb_engine_up.
    }
  }
}
