// The server's measurements, for Prometheus: what FacetDB's own protocols and groups report, its pools, and what PostgreSQL
// counts. It is handed to the protocols and the engine as their observer, and rendered for GET /metrics.

import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { Engine } from '../../engine/engine.ts';
import type { EngineObserver } from '../../engine/observer.ts';
import { version } from '../../kernel/version.ts';
import { type DatabaseStatistics, EngineStatisticsReader } from './engine-statistics.ts';
import { metricsLimits } from './limits.ts';
import { TalliedHistogram, type Tally } from './tallied-histogram.ts';

/** What is measured beside the reports of protocols and groups, once it is there. */
export type MetricsSources = {
  readonly engine: Engine;
  /** Times that the embedded PostgreSQL was restarted since FacetDB started. */
  readonly restarts: () => number;
};

/** Of the process, shared by all servers in it: some of them can be registered, but never taken back. */
let processRegistry: Registry | undefined;

/** What is counted of one operation, in plain numbers: Prometheus' counter gets them when it is asked. */
type RequestTally = { ok: number; error: number; readonly latency: Tally };

export class Metrics implements EngineObserver {
  readonly #registry = new Registry();
  /** By protocol, then by operation; both come from small, fixed sets. */
  readonly #requests = new Map<string, Map<string, RequestTally>>();
  readonly #latency = new TalliedHistogram({ name: 'facetdb_request_duration_seconds', help: 'Time from a request to its answer, within FacetDB. SQL statements are not among them.', labelNames: ['protocol', 'operation'], bounds: metricsLimits.latencySeconds });
  readonly #groupSizes = new TalliedHistogram({ name: 'facetdb_group_size', help: 'Requests that went to PostgreSQL together as one group.', labelNames: ['kind'], bounds: metricsLimits.groupSizes });
  readonly #groups = new Map<string, Tally>();
  #sources: (MetricsSources & { readonly statistics: EngineStatisticsReader }) | undefined;
  readonly #own = ownMetrics(this.#registry);
  readonly #engine = engineMetrics(this.#registry);

  constructor() {
    this.#own.build.set({ version }, 1);
  }

  /** The engine has started: it is measured from now on. */
  watch(sources: MetricsSources): void {
    this.#sources = { ...sources, statistics: new EngineStatisticsReader(sources.engine) };
  }

  connectionOpened(protocol: string): void {
    this.#own.connections.inc({ protocol });
  }

  connectionClosed(protocol: string): void {
    this.#own.connections.dec({ protocol });
  }

  requestDone(protocol: string, { operation, outcome, seconds }: { operation: string; outcome: 'ok' | 'error'; seconds: number }): void {
    const tally = this.#requests.get(protocol)?.get(operation) ?? this.#newTally(protocol, operation);
    tally[outcome] += 1;
    tally.latency.observe(seconds);
  }

  #newTally(protocol: string, operation: string): RequestTally {
    let ofProtocol = this.#requests.get(protocol);
    if (ofProtocol === undefined) this.#requests.set(protocol, (ofProtocol = new Map()));
    const tally = { ok: 0, error: 0, latency: this.#latency.labelled(protocol, operation) };
    ofProtocol.set(operation, tally);
    return tally;
  }

  groupSent(kind: string, size: number): void {
    let tally = this.#groups.get(kind);
    if (tally === undefined) this.#groups.set(kind, (tally = this.#groupSizes.labelled(kind)));
    tally.observe(size);
  }

  /** Everything in Prometheus' text format. Cheap: PostgreSQL is asked at most every few seconds. */
  async render(): Promise<{ contentType: string; body: string }> {
    if (this.#sources !== undefined) await this.#measure(this.#sources);
    this.#showRequests();
    processRegistry ??= registryOfProcess();
    const parts = [await this.#registry.metrics(), this.#latency.render(), this.#groupSizes.render(), await processRegistry.metrics()];
    return { contentType: this.#registry.contentType, body: parts.join('\n') };
  }

  #showRequests(): void {
    const { requests } = this.#own;
    requests.reset();
    for (const [protocol, ofProtocol] of this.#requests) {
      for (const [operation, tally] of ofProtocol) {
        for (const outcome of ['ok', 'error'] as const) if (tally[outcome] > 0) requests.inc({ protocol, operation, outcome }, tally[outcome]);
      }
    }
  }

  async #measure({ engine, restarts, statistics }: MetricsSources & { readonly statistics: EngineStatisticsReader }): Promise<void> {
    const latest = await statistics.read();
    for (const state of ['open', 'busy', 'waiting'] as const) this.#own.pool.set({ state }, engine.poolCounts[state]);
    // Counted elsewhere: the counter takes the total over.
    this.#engine.restarts.reset();
    this.#engine.restarts.inc(restarts());
    this.#engine.up.set(latest === undefined ? 0 : 1);
    // On an external PostgreSQL, connections over TCP are everybody's, and FacetDB's own among them.
    if (engine.kind === 'embedded') this.#own.connections.set({ protocol: 'postgres' }, latest?.tcpConnections ?? 0);
    this.#showDatabases(latest?.databases ?? []);
  }

  #showDatabases(databases: readonly DatabaseStatistics[]): void {
    const { size, sessions, transactions, deadlocks, active } = this.#engine;
    // Dropped databases must not stay; nothing is better than what was true before PostgreSQL went away.
    for (const metric of [size, sessions, transactions, deadlocks, active]) metric.reset();
    for (const { database, sizeBytes, ...counts } of databases) {
      if (sizeBytes !== undefined) size.set({ database }, sizeBytes);
      sessions.inc({ database }, counts.sessions);
      transactions.inc({ database, outcome: 'committed' }, counts.committed);
      transactions.inc({ database, outcome: 'rolled_back' }, counts.rolledBack);
      deadlocks.inc({ database }, counts.deadlocks);
      active.inc({ database }, counts.activeSeconds);
    }
  }
}

function ownMetrics(registry: Registry) {
  const registers = [registry];
  return {
    build: new Gauge({ name: 'facetdb_build_info', help: 'Always 1; the label says which version runs.', labelNames: ['version'], registers }),
    connections: new Gauge({ name: 'facetdb_connections', help: 'Open client connections. For postgres: as PostgreSQL counts them (pg_stat_activity).', labelNames: ['protocol'], registers }),
    requests: new Counter({ name: 'facetdb_requests_total', help: 'Requests answered by FacetDB itself. SQL statements are not among them: PostgreSQL answers those (facetdb_postgres_…).', labelNames: ['protocol', 'operation', 'outcome'], registers }),
    pool: new Gauge({ name: 'facetdb_pool_connections', help: "FacetDB's own connections to PostgreSQL: open, of these busy, and requests waiting for one.", labelNames: ['state'], registers }),
  };
}

function engineMetrics(registry: Registry) {
  const registers = [registry];
  const source = "PostgreSQL's own count (pg_stat_database)";
  return {
    up: new Gauge({ name: 'facetdb_engine_up', help: '1 while PostgreSQL answers, else 0.', registers }),
    restarts: new Counter({ name: 'facetdb_engine_restarts_total', help: 'Times that FacetDB restarted its PostgreSQL after it had died.', registers }),
    size: new Gauge({ name: 'facetdb_engine_size_bytes', help: 'Size of a database on disk.', labelNames: ['database'], registers }),
    sessions: new Counter({ name: 'facetdb_postgres_sessions_total', help: `Sessions begun, FacetDB's own included: ${source}.`, labelNames: ['database'], registers }),
    transactions: new Counter({ name: 'facetdb_postgres_transactions_total', help: `Transactions ended, FacetDB's own included: ${source}.`, labelNames: ['database', 'outcome'], registers }),
    deadlocks: new Counter({ name: 'facetdb_postgres_deadlocks_total', help: `Deadlocks: ${source}.`, labelNames: ['database'], registers }),
    active: new Counter({ name: 'facetdb_postgres_active_seconds_total', help: `Time spent executing statements; over transactions, their mean duration: ${source}.`, labelNames: ['database'], registers }),
  };
}

function registryOfProcess(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
