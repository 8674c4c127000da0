// INFO: its sections, each a list of fields as Redis 7.0 has them. What FacetDB has not (replicas, saves, scripts, threads) is 0, for the programs
// that read such fields; those are left out that could only be made up (the compiler, what expiry costs).

import { totalmem } from 'node:os';
import type { SpaceStatistics } from '../../../facets/keyvalue/index.ts';
import { wordOf } from '../arguments.ts';
import type { RedisConnection } from '../connection.ts';
import { databasesWithKeys } from '../databases-with-keys.ts';
import { type Reply, Verbatim } from '../reply.ts';
import type { RedisServer } from '../server.ts';
import { redisVersion } from '../redis-version.ts';
import { humanBytes } from '../human-bytes.ts';

type Fields = readonly (readonly [name: string, value: string | number])[];
type Section = {
  readonly title: string;
  /** Shown by INFO without arguments. */
  readonly isDefault: boolean;
  readonly fields: (server: RedisServer, spaces: readonly SpaceStatistics[]) => Fields;
};

const sections: Readonly<Record<string, Section>> = {
  server: { title: 'Server', isDefault: true, fields: serverFields },
  clients: { title: 'Clients', isDefault: true, fields: clientFields },
  memory: { title: 'Memory', isDefault: true, fields: memoryFields },
  persistence: { title: 'Persistence', isDefault: true, fields: persistenceFields },
  stats: { title: 'Stats', isDefault: true, fields: statsFields },
  replication: { title: 'Replication', isDefault: true, fields: replicationFields },
  cpu: { title: 'CPU', isDefault: true, fields: cpuFields },
  modules: { title: 'Modules', isDefault: true, fields: () => [] },
  commandstats: { title: 'Commandstats', isDefault: false, fields: commandFields },
  errorstats: { title: 'Errorstats', isDefault: true, fields: errorFields },
  latencystats: { title: 'Latencystats', isDefault: false, fields: latencyFields },
  cluster: { title: 'Cluster', isDefault: true, fields: () => [['cluster_enabled', 0]] },
  keyspace: { title: 'Keyspace', isDefault: true, fields: (_server, spaces) => spaces.map(spaceField) },
};

export async function info(connection: RedisConnection, args: readonly Buffer[]): Promise<Reply> {
  const wanted = new Set((args.length === 0 ? ['DEFAULT'] : args.map((argument) => wordOf(argument))).map((word) => word.toLowerCase()));
  const shown = Object.entries(sections).filter(
    ([name, { isDefault }]) =>
      wanted.has(name) || wanted.has('all') || wanted.has('everything') || (isDefault && wanted.has('default')),
  );
  const shows = (section: keyof typeof sections): boolean => shown.some(([name]) => name === section);
  // As in Redis, a key that was found expired before is counted.
  if (shows('stats') || shows('keyspace')) await connection.server.keyvalue.freed();
  const spaces = shows('keyspace') ? await databasesWithKeys(connection) : [];
  const texts = shown.map(([, { title, fields }]) => {
    const lines = fields(connection.server, spaces).map(([name, value]) => `${name}:${value}\r\n`);
    return `# ${title}\r\n${lines.join('')}`;
  });
  return new Verbatim(texts.join('\r\n'));
}

function serverFields(server: RedisServer): Fields {
  const uptime = Math.floor((Date.now() - server.startedAtMs) / 1_000);
  return [
    ['redis_version', redisVersion],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', 'facetdb'],
    ['redis_mode', 'standalone'],
    ['os', `${process.platform} ${process.arch}`],
    ['arch_bits', 64],
    ['monotonic_clock', 'POSIX clock_gettime'],
    ['multiplexing_api', 'libuv'],
    ['process_id', process.pid],
    ['process_supervised', 'no'],
    ['run_id', server.runId],
    ['tcp_port', server.port],
    ['server_time_usec', Date.now() * 1_000],
    ['uptime_in_seconds', uptime],
    ['uptime_in_days', Math.floor(uptime / 86_400)],
    ['hz', server.configuration.integer('hz')],
    ['configured_hz', server.configuration.integer('hz')],
    ['lru_clock', Math.floor(Date.now() / 1_000) % 2 ** 24],
    ['executable', process.execPath],
    ['config_file', ''],
    ['io_threads_active', 0],
  ];
}

function clientFields(server: RedisServer): Fields {
  const all = [...server.connections.values()];
  const blocked = all.filter(({ blocking }) => blocking?.isWaiting === true).length;
  return [
    ['connected_clients', all.length],
    ['cluster_connections', 0],
    ['maxclients', server.configuration.integer('maxclients')],
    ['client_recent_max_input_buffer', Math.max(0, ...all.map(({ queryBufferBytes }) => queryBufferBytes))],
    ['client_recent_max_output_buffer', Math.max(0, ...all.map(({ outputBytes }) => outputBytes))],
    ['blocked_clients', blocked + server.pause.waiting],
    ['tracking_clients', 0],
    ['clients_in_timeout_table', blocked],
  ];
}

function memoryFields(server: RedisServer): Fields {
  const { heapUsed, heapTotal, rss } = process.memoryUsage();
  const peak = server.peakMemoryBytes();
  const limit = server.configuration.integer('maxmemory');
  return [
    ['used_memory', heapUsed],
    ['used_memory_human', humanBytes(heapUsed)],
    ['used_memory_rss', rss],
    ['used_memory_rss_human', humanBytes(rss)],
    ['used_memory_peak', peak],
    ['used_memory_peak_human', humanBytes(peak)],
    ['used_memory_peak_perc', `${((heapUsed / peak) * 100).toFixed(2)}%`],
    ['used_memory_overhead', heapUsed],
    ['used_memory_startup', 0],
    ['used_memory_dataset', 0],
    ['used_memory_dataset_perc', '0.00%'],
    ['allocator_allocated', heapUsed],
    ['allocator_active', heapTotal],
    ['allocator_resident', rss],
    ['total_system_memory', totalmem()],
    ['total_system_memory_human', humanBytes(totalmem())],
    ['used_memory_lua', 0],
    ['used_memory_vm_eval', 0],
    ['used_memory_lua_human', humanBytes(0)],
    ['used_memory_scripts_eval', 0],
    ['number_of_cached_scripts', 0],
    ['number_of_functions', 0],
    ['number_of_libraries', 0],
    ['used_memory_vm_functions', 0],
    ['used_memory_vm_total', 0],
    ['used_memory_vm_total_human', humanBytes(0)],
    ['used_memory_functions', 0],
    ['used_memory_scripts', 0],
    ['used_memory_scripts_human', humanBytes(0)],
    ['maxmemory', limit],
    ['maxmemory_human', humanBytes(limit)],
    ['maxmemory_policy', server.configuration.text('maxmemory-policy')],
    ['allocator_frag_ratio', (heapTotal / heapUsed).toFixed(2)],
    ['allocator_frag_bytes', heapTotal - heapUsed],
    ['allocator_rss_ratio', (rss / heapTotal).toFixed(2)],
    ['allocator_rss_bytes', rss - heapTotal],
    ['rss_overhead_ratio', '1.00'],
    ['rss_overhead_bytes', 0],
    ['mem_fragmentation_ratio', (rss / heapUsed).toFixed(2)],
    ['mem_fragmentation_bytes', rss - heapUsed],
    ['mem_not_counted_for_evict', 0],
    ['mem_replication_backlog', 0],
    ['mem_total_replication_buffers', 0],
    ['mem_clients_slaves', 0],
    ['mem_clients_normal', [...server.connections.values()].reduce((sum, { queryBufferBytes, outputBytes }) => sum + queryBufferBytes + outputBytes, 0)],
    ['mem_cluster_links', 0],
    ['mem_aof_buffer', 0],
    ['mem_allocator', 'v8'],
    ['active_defrag_running', 0],
    ['lazyfree_pending_objects', 0],
    ['lazyfreed_objects', 0],
  ];
}

/** A write is in PostgreSQL's log when it is acknowledged: a save has nothing to do. */
function persistenceFields(server: RedisServer): Fields {
  return [
    ['loading', 0],
    ['async_loading', 0],
    ['current_cow_peak', 0],
    ['current_cow_size', 0],
    ['current_cow_size_age', 0],
    ['current_fork_perc', '0.00'],
    ['current_save_keys_processed', 0],
    ['current_save_keys_total', 0],
    ['rdb_changes_since_last_save', server.statistics.changes],
    ['rdb_bgsave_in_progress', 0],
    ['rdb_last_save_time', Math.floor(server.savedAtMs / 1_000)],
    ['rdb_last_bgsave_status', 'ok'],
    ['rdb_last_bgsave_time_sec', -1],
    ['rdb_current_bgsave_time_sec', -1],
    ['rdb_saves', 0],
    ['rdb_last_cow_size', 0],
    ['rdb_last_load_keys_expired', 0],
    ['rdb_last_load_keys_loaded', 0],
    ['aof_enabled', 1],
    ['aof_rewrite_in_progress', 0],
    ['aof_rewrite_scheduled', 0],
    ['aof_last_rewrite_time_sec', -1],
    ['aof_current_rewrite_time_sec', -1],
    ['aof_last_bgrewrite_status', 'ok'],
    ['aof_rewrites', 0],
    ['aof_rewrites_consecutive_failures', 0],
    ['aof_last_write_status', 'ok'],
    ['aof_last_cow_size', 0],
    ['module_fork_in_progress', 0],
    ['module_fork_last_cow_size', 0],
  ];
}

function statsFields({ statistics, pubsub }: RedisServer): Fields {
  return [
    ['total_connections_received', statistics.connections],
    ['total_commands_processed', statistics.processed],
    ['instantaneous_ops_per_sec', statistics.operationsPerSecond],
    ['total_net_input_bytes', statistics.inputBytes],
    ['total_net_output_bytes', statistics.outputBytes],
    ['total_net_repl_input_bytes', 0],
    ['total_net_repl_output_bytes', 0],
    ['instantaneous_input_kbps', (statistics.inputBytesPerSecond / 1024).toFixed(2)],
    ['instantaneous_output_kbps', (statistics.outputBytesPerSecond / 1024).toFixed(2)],
    ['instantaneous_input_repl_kbps', '0.00'],
    ['instantaneous_output_repl_kbps', '0.00'],
    ['rejected_connections', statistics.rejectedConnections],
    ['sync_full', 0],
    ['sync_partial_ok', 0],
    ['sync_partial_err', 0],
    ['expired_keys', statistics.expiredKeys],
    ['expired_stale_perc', '0.00'],
    ['expired_time_cap_reached_count', 0],
    ['evicted_keys', 0],
    ['evicted_clients', statistics.evictedClients],
    ['total_eviction_exceeded_time', 0],
    ['current_eviction_exceeded_time', 0],
    ['keyspace_hits', statistics.hits],
    ['keyspace_misses', statistics.misses],
    ['pubsub_channels', pubsub.countNames('channel')],
    ['pubsub_patterns', pubsub.countNames('pattern')],
    ['pubsubshard_channels', pubsub.countNames('shard')],
    ['latest_fork_usec', 0],
    ['total_forks', 0],
    ['migrate_cached_sockets', 0],
    ['slave_expires_tracked_keys', 0],
    ['active_defrag_hits', 0],
    ['active_defrag_misses', 0],
    ['active_defrag_key_hits', 0],
    ['active_defrag_key_misses', 0],
    ['total_active_defrag_time', 0],
    ['current_active_defrag_time', 0],
    ['tracking_total_keys', 0],
    ['tracking_total_items', 0],
    ['tracking_total_prefixes', 0],
    ['unexpected_error_replies', 0],
    ['total_error_replies', statistics.errorReplies],
    ['dump_payload_sanitizations', 0],
    ['total_reads_processed', statistics.processed],
    ['total_writes_processed', statistics.processed],
    ['io_threaded_reads_processed', 0],
    ['io_threaded_writes_processed', 0],
    ['reply_buffer_shrinks', 0],
    ['reply_buffer_expands', 0],
  ];
}

function replicationFields({ runId }: RedisServer): Fields {
  return [
    ['role', 'master'],
    ['connected_slaves', 0],
    ['master_failover_state', 'no-failover'],
    ['master_replid', runId],
    ['master_replid2', '0'.repeat(40)],
    ['master_repl_offset', 0],
    ['second_repl_offset', -1],
    ['repl_backlog_active', 0],
    ['repl_backlog_size', 1024 ** 2],
    ['repl_backlog_first_byte_offset', 0],
    ['repl_backlog_histlen', 0],
  ];
}

function cpuFields(): Fields {
  const { user, system } = process.cpuUsage();
  const seconds = (microseconds: number): string => (microseconds / 1_000_000).toFixed(6);
  return [
    ['used_cpu_sys', seconds(system)],
    ['used_cpu_user', seconds(user)],
    ['used_cpu_sys_children', seconds(0)],
    ['used_cpu_user_children', seconds(0)],
  ];
}

function commandFields({ statistics }: RedisServer): Fields {
  return [...statistics.commands].map(([name, { calls, microseconds, rejected, failed }]) => {
    const perCall = (calls === 0 ? 0 : microseconds / calls).toFixed(2);
    return [`cmdstat_${name}`, `calls=${calls},usec=${microseconds},usec_per_call=${perCall},rejected_calls=${rejected},failed_calls=${failed}`];
  });
}

function errorFields({ statistics }: RedisServer): Fields {
  return [...statistics.errors].map(([code, count]) => [`errorstat_${code}`, `count=${count}`]);
}

function latencyFields({ statistics, configuration }: RedisServer): Fields {
  const percentiles = configuration.text('latency-tracking-info-percentiles').split(' ').filter((percent) => percent !== '');
  if (!configuration.boolean('latency-tracking')) return [];
  return [...statistics.commands]
    .filter(([, { calls }]) => calls > 0)
    .map(([name, { latency }]) => [
      `latency_percentiles_usec_${name}`,
      percentiles.map((percent) => `p${percent}=${latency.percentile(Number(percent)).toFixed(3)}`).join(','),
    ]);
}

function spaceField({ space, keys, expires, averageTtlMs }: SpaceStatistics): Fields[number] {
  return [`db${space}`, `keys=${keys},expires=${expires},avg_ttl=${averageTtlMs}`];
}
