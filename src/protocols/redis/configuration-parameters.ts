// The parameters of CONFIG GET and CONFIG SET with Redis 7.0's defaults, and what each means here: honoured, harmless
// (it tunes something inside Redis that FacetDB does not have, so that no client can tell the difference), or fixed.

/** What becomes of a value that a client sets. */
export type ParameterFate =
  | 'honoured'
  /** Accepted and shown: by its own definition it has no effect that a client could see. */
  | 'harmless'
  /** Cannot be changed at run time, in Redis neither. */
  | 'immutable'
  /** Another value than this one would ask for what FacetDB does not do; the reason. */
  | { readonly refused: string };

export type Parameter = {
  readonly value: string;
  readonly fate: ParameterFate;
  /** Shown by CONFIG GET to who asks for it by its whole name. */
  readonly isHidden?: true;
} & (
  | { readonly type: 'boolean' }
  | { readonly type: 'integer' | 'memory' | 'memoryOrPercent'; readonly min: number; readonly max: number }
  | { readonly type: 'choice'; readonly choices: readonly string[] }
  | { readonly type: 'text' }
  | { readonly type: 'events' | 'outputLimits' | 'percentiles' | 'savePoints' }
);

const int32Max = 2 ** 31 - 1;
const longMax = Number.MAX_SAFE_INTEGER;

const harmlessBoolean = (value: 'yes' | 'no'): Parameter => ({ type: 'boolean', value, fate: 'harmless' });
const integer = (value: number, fate: ParameterFate, min = 0, max = int32Max): Parameter => ({ type: 'integer', value: String(value), fate, min, max });
const memory = (value: number, fate: ParameterFate, min = 0, max = longMax): Parameter => ({ type: 'memory', value: String(value), fate, min, max });
const text = (value: string, fate: ParameterFate): Parameter => ({ type: 'text', value, fate });
const choice = (value: string, choices: readonly string[], fate: ParameterFate): Parameter => ({ type: 'choice', value, choices, fate });

const noReplicas: ParameterFate = { refused: 'FacetDB has no replicas of its own: PostgreSQL replicates' };
const noCluster: ParameterFate = { refused: 'FacetDB is no Redis cluster' };
const forRedisTests: ParameterFate = { refused: "it is for tests of Redis's own files" };
const tlsAtStart: ParameterFate = { refused: 'TLS is set up by --tls-cert and --tls-key' };

const evictionPolicies = ['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl', 'allkeys-lru', 'allkeys-lfu', 'allkeys-random', 'noeviction'];

export const parameters: Readonly<Record<string, Parameter>> = {
  // Durability
  appendfsync: choice('always', ['everysec', 'always', 'no'], 'honoured'),
  // Everything is always logged, so `no` asks for less than what is given.
  appendonly: harmlessBoolean('yes'),
  save: { type: 'savePoints', value: '', fate: 'harmless' },

  // Limits
  'client-output-buffer-limit': { type: 'outputLimits', value: 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60', fate: 'honoured' },
  'client-query-buffer-limit': memory(1024 ** 3, 'honoured', 1024 ** 2),
  'proto-max-bulk-len': memory(512 * 1024 ** 2, 'honoured', 1024 ** 2, 512 * 1024 ** 2),
  maxclients: integer(10_000, 'honoured', 1, 60_000),
  timeout: integer(0, 'honoured'),
  'tcp-keepalive': integer(300, 'honoured'),
  databases: integer(16, 'immutable', 1),

  // What clients are told
  'notify-keyspace-events': { type: 'events', value: '', fate: 'honoured' },
  'slowlog-log-slower-than': integer(10_000, 'honoured', -1, longMax),
  'slowlog-max-len': integer(128, 'honoured', 0, longMax),
  'latency-monitor-threshold': integer(0, 'honoured', 0, longMax),
  'latency-tracking': { type: 'boolean', value: 'yes', fate: 'honoured' },
  'latency-tracking-info-percentiles': { type: 'percentiles', value: '50 99 99.9', fate: 'honoured' },

  // What OBJECT ENCODING says
  'hash-max-listpack-entries': integer(512, 'honoured', 0, longMax),
  'hash-max-listpack-value': memory(64, 'honoured'),
  'list-max-listpack-size': integer(-2, 'honoured', -int32Max),
  'set-max-intset-entries': integer(512, 'honoured', 0, longMax),
  'zset-max-listpack-entries': integer(128, 'honoured', 0, longMax),
  'zset-max-listpack-value': memory(64, 'honoured'),
  'stream-node-max-bytes': memory(4096, 'harmless'),
  'stream-node-max-entries': integer(100, 'harmless', 0, longMax),
  'hll-sparse-max-bytes': memory(3000, 'harmless'),
  'list-compress-depth': integer(0, 'harmless'),

  // Memory: `memory-limit.ts`, `client-eviction.ts`.
  maxmemory: memory(0, 'honoured'),
  'maxmemory-policy': choice('noeviction', evictionPolicies, { refused: 'FacetDB keeps keys on disk and evicts none; give them an expiry' }),
  'maxmemory-samples': integer(5, 'harmless', 1, 64),
  'maxmemory-eviction-tenacity': integer(10, 'harmless', 0, 100),
  'maxmemory-clients': { type: 'memoryOrPercent', value: '0', min: 0, max: longMax, fate: 'honoured' },
  'lfu-log-factor': integer(10, 'harmless'),
  'lfu-decay-time': integer(1, 'harmless'),
  'active-expire-effort': integer(1, 'harmless', 1, 10),
  activerehashing: harmlessBoolean('yes'),
  activedefrag: harmlessBoolean('no'),
  'active-defrag-ignore-bytes': memory(104_857_600, 'harmless', 1),
  'active-defrag-threshold-lower': integer(10, 'harmless', 0, 1000),
  'active-defrag-threshold-upper': integer(100, 'harmless', 0, 1000),
  'active-defrag-cycle-min': integer(1, 'harmless', 1, 99),
  'active-defrag-cycle-max': integer(25, 'harmless', 1, 99),
  'active-defrag-max-scan-fields': integer(1000, 'harmless', 1),
  'jemalloc-bg-thread': harmlessBoolean('yes'),
  'lazyfree-lazy-eviction': harmlessBoolean('no'),
  'lazyfree-lazy-expire': harmlessBoolean('no'),
  'lazyfree-lazy-server-del': harmlessBoolean('no'),
  'lazyfree-lazy-user-del': harmlessBoolean('no'),
  'lazyfree-lazy-user-flush': harmlessBoolean('no'),
  hz: integer(10, 'harmless'),
  'dynamic-hz': harmlessBoolean('yes'),
  'tracking-table-max-keys': integer(1_000_000, 'harmless', 0, longMax),

  // Files that Redis writes
  dbfilename: text('dump.rdb', { refused: 'keys are stored in PostgreSQL, not in a file' }),
  dir: text('', { refused: 'the data folder is set by --data' }),
  appendfilename: text('appendonly.aof', 'immutable'),
  appenddirname: text('appendonlydir', 'immutable'),
  'aof-load-truncated': harmlessBoolean('yes'),
  'aof-use-rdb-preamble': harmlessBoolean('yes'),
  'aof-timestamp-enabled': harmlessBoolean('no'),
  'aof-disable-auto-gc': harmlessBoolean('no'),
  'aof-rewrite-incremental-fsync': harmlessBoolean('yes'),
  'auto-aof-rewrite-min-size': memory(64 * 1024 ** 2, 'harmless'),
  'auto-aof-rewrite-percentage': integer(100, 'harmless'),
  'no-appendfsync-on-rewrite': harmlessBoolean('no'),
  'rdb-save-incremental-fsync': harmlessBoolean('yes'),
  'rdb-del-sync-files': harmlessBoolean('no'),
  rdbcompression: harmlessBoolean('yes'),
  rdbchecksum: { type: 'boolean', value: 'yes', fate: 'immutable' },
  'sanitize-dump-payload': choice('no', ['no', 'yes', 'clients'], 'harmless'),
  'stop-writes-on-bgsave-error': harmlessBoolean('yes'),
  'shutdown-timeout': integer(10, 'harmless'),
  'shutdown-on-sigint': text('default', { refused: 'signals stop FacetDB in order' }),
  'shutdown-on-sigterm': text('default', { refused: 'signals stop FacetDB in order' }),

  // Scripts, modules and other programs' affairs
  'busy-reply-threshold': integer(5000, 'harmless', 0, longMax),
  'enable-debug-command': choice('no', ['no', 'yes', 'local'], 'immutable'),
  'enable-module-command': choice('no', ['no', 'yes', 'local'], 'immutable'),
  'enable-protected-configs': choice('no', ['no', 'yes', 'local'], 'immutable'),
  'crash-log-enabled': harmlessBoolean('yes'),
  'crash-memcheck-enabled': harmlessBoolean('yes'),
  'io-threads': integer(1, 'immutable', 1, 128),
  'io-threads-do-reads': { type: 'boolean', value: 'no', fate: 'immutable' },
  'always-show-logo': { type: 'boolean', value: 'no', fate: 'immutable' },
  daemonize: { type: 'boolean', value: 'no', fate: 'immutable' },
  'disable-thp': { type: 'boolean', value: 'yes', fate: 'immutable' },
  'set-proc-title': { type: 'boolean', value: 'yes', fate: 'immutable' },
  supervised: choice('no', ['upstart', 'systemd', 'auto', 'no'], 'immutable'),
  pidfile: text('', 'immutable'),
  logfile: text('', 'immutable'),
  'syslog-enabled': { type: 'boolean', value: 'no', fate: 'immutable' },
  'syslog-facility': choice('local0', ['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'], 'immutable'),
  'syslog-ident': text('redis', 'immutable'),
  'proc-title-template': text('{title} {listen-addr} {server-mode}', { refused: 'the operating system shows how FacetDB was started' }),
  'ignore-warnings': text('', 'harmless'),
  server_cpulist: text('', 'immutable'),
  bio_cpulist: text('', 'immutable'),
  aof_rewrite_cpulist: text('', 'immutable'),
  bgsave_cpulist: text('', 'immutable'),
  loglevel: choice('notice', ['debug', 'verbose', 'notice', 'warning'], { refused: 'the log level is set by --log-level' }),
  'oom-score-adj-values': text('0 200 800', { refused: 'the operating system decides for the processes of PostgreSQL' }),
  'oom-score-adj': choice('no', ['no', 'yes', 'relative', 'absolute'], { refused: 'the operating system decides for the processes of PostgreSQL' }),

  // For tests of Redis itself
  'key-load-delay': { ...integer(0, forRedisTests, -int32Max), isHidden: true },
  'rdb-key-save-delay': { ...integer(0, forRedisTests, -int32Max), isHidden: true },
  'watchdog-period': { ...integer(0, forRedisTests), isHidden: true },
  'loading-process-events-interval-bytes': { ...memory(2 * 1024 ** 2, 'harmless', 1024, int32Max), isHidden: true },
  'use-exit-on-panic': { ...harmlessBoolean('no'), isHidden: true },
  'lua-enable-deprecated-api': { type: 'boolean', value: 'no', fate: 'immutable', isHidden: true },

  // Addresses and access
  port: integer(6379, { refused: 'the port is set by --redis-port' }, 0, 65_535),
  bind: text('', { refused: 'the address is set by --host' }),
  unixsocket: text('', 'immutable'),
  unixsocketperm: text('0', 'immutable'),
  'bind-source-addr': text('', noReplicas),
  'socket-mark-id': integer(0, 'immutable', 0, 2 ** 32 - 1),
  'tcp-backlog': integer(511, 'immutable'),
  'protected-mode': { type: 'boolean', value: 'no', fate: { refused: 'passwords are required unless FacetDB is started with --no-auth' } },
  requirepass: text('', { refused: 'users are PostgreSQL roles: see facetdb users password' }),
  masterauth: text('', noReplicas),
  masteruser: text('', noReplicas),
  aclfile: text('', 'immutable'),
  'acl-pubsub-default': choice('allchannels', ['allchannels', 'resetchannels'], { refused: 'every user may publish and subscribe' }),
  'acllog-max-len': integer(128, 'harmless', 0, longMax),
  'tls-port': integer(0, tlsAtStart, 0, 65_535),
  'tls-cert-file': text('', tlsAtStart),
  'tls-key-file': text('', tlsAtStart),
  'tls-ca-cert-file': text('', tlsAtStart),
  'tls-ca-cert-dir': text('', tlsAtStart),
  'tls-key-file-pass': text('', tlsAtStart),
  'tls-client-cert-file': text('', tlsAtStart),
  'tls-client-key-file': text('', tlsAtStart),
  'tls-client-key-file-pass': text('', tlsAtStart),
  'tls-dh-params-file': text('', tlsAtStart),
  'tls-protocols': text('', tlsAtStart),
  'tls-ciphers': text('', tlsAtStart),
  'tls-ciphersuites': text('', tlsAtStart),
  'tls-prefer-server-ciphers': { type: 'boolean', value: 'no', fate: tlsAtStart },
  'tls-session-caching': { type: 'boolean', value: 'yes', fate: tlsAtStart },
  'tls-session-cache-size': integer(20_480, tlsAtStart),
  'tls-session-cache-timeout': integer(300, tlsAtStart),
  'tls-cluster': { type: 'boolean', value: 'no', fate: noCluster },
  'tls-replication': { type: 'boolean', value: 'no', fate: noReplicas },
  'tls-auth-clients': choice('no', ['no', 'yes', 'optional'], tlsAtStart),

  // Replication and clusters
  replicaof: text('', 'immutable'),
  'replica-serve-stale-data': harmlessBoolean('yes'),
  'replica-read-only': harmlessBoolean('yes'),
  'replica-priority': integer(100, 'harmless'),
  'replica-lazy-flush': harmlessBoolean('no'),
  'replica-ignore-maxmemory': harmlessBoolean('yes'),
  'min-replicas-to-write': integer(0, noReplicas),
  'min-replicas-max-lag': integer(10, 'harmless'),
  'repl-backlog-size': memory(1024 ** 2, 'harmless', 1),
  'repl-backlog-ttl': integer(3600, 'harmless', 0, longMax),
  'repl-timeout': integer(60, 'harmless', 1),
  'repl-ping-replica-period': integer(10, 'harmless', 1),
  'repl-diskless-sync': harmlessBoolean('yes'),
  'repl-diskless-sync-delay': integer(5, 'harmless'),
  'repl-diskless-load': choice('disabled', ['disabled', 'on-empty-db', 'swapdb'], 'harmless'),
  'repl-diskless-sync-max-replicas': integer(0, 'harmless'),
  'replica-announced': harmlessBoolean('yes'),
  'replica-announce-ip': text('', noReplicas),
  'replica-announce-port': integer(0, noReplicas, 0, 65_535),
  'replica-ignore-disk-write-errors': harmlessBoolean('no'),
  'propagation-error-behavior': choice('ignore', ['ignore', 'panic', 'panic-on-replicas'], 'harmless'),
  'repl-disable-tcp-nodelay': harmlessBoolean('no'),
  'cluster-enabled': { type: 'boolean', value: 'no', fate: 'immutable' },
  'cluster-config-file': text('nodes.conf', 'immutable'),
  'cluster-port': integer(0, 'immutable', 0, 65_535),
  'cluster-announce-ip': text('', noCluster),
  'cluster-announce-hostname': text('', noCluster),
  'cluster-announce-port': integer(0, noCluster, 0, 65_535),
  'cluster-announce-bus-port': integer(0, noCluster, 0, 65_535),
  'cluster-announce-tls-port': integer(0, noCluster, 0, 65_535),
  'cluster-preferred-endpoint-type': choice('ip', ['ip', 'hostname', 'unknown-endpoint'], noCluster),
  'cluster-allow-replica-migration': harmlessBoolean('yes'),
  'cluster-migration-barrier': integer(1, 'harmless'),
  'cluster-replica-no-failover': harmlessBoolean('no'),
  'cluster-replica-validity-factor': integer(10, 'harmless'),
  'cluster-link-sendbuf-limit': memory(0, 'harmless'),
  'cluster-node-timeout': integer(15_000, 'harmless', 0, longMax),
  'cluster-require-full-coverage': harmlessBoolean('yes'),
  'cluster-allow-reads-when-down': harmlessBoolean('no'),
  'cluster-allow-pubsubshard-when-down': harmlessBoolean('yes'),
};

/** Other names of parameters, all of them shown by CONFIG GET. */
export const parameterAliases: Readonly<Record<string, string>> = {
  'hash-max-ziplist-entries': 'hash-max-listpack-entries',
  'hash-max-ziplist-value': 'hash-max-listpack-value',
  'list-max-ziplist-size': 'list-max-listpack-size',
  'zset-max-ziplist-entries': 'zset-max-listpack-entries',
  'zset-max-ziplist-value': 'zset-max-listpack-value',
  'lua-time-limit': 'busy-reply-threshold',
  'slave-serve-stale-data': 'replica-serve-stale-data',
  'slave-read-only': 'replica-read-only',
  'slave-priority': 'replica-priority',
  'slave-lazy-flush': 'replica-lazy-flush',
  'slave-ignore-maxmemory': 'replica-ignore-maxmemory',
  'min-slaves-to-write': 'min-replicas-to-write',
  'min-slaves-max-lag': 'min-replicas-max-lag',
  'repl-ping-slave-period': 'repl-ping-replica-period',
  'slave-announce-ip': 'replica-announce-ip',
  'slave-announce-port': 'replica-announce-port',
  'cluster-slave-no-failover': 'cluster-replica-no-failover',
  'cluster-slave-validity-factor': 'cluster-replica-validity-factor',
  slaveof: 'replicaof',
};
