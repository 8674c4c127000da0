// Commands of Redis 7.0 that are known and refused, with the reason. COMMAND does not list them.

import type { Command } from '../command.ts';
import { allArguments, oneKey } from '../command.ts';

const streams = 'streams follow in a later version';
const geo = 'geospatial indexes follow in a later version';
const hyperLogLog = 'HyperLogLogs follow in a later version';
const scripting = 'scripts and functions follow in a later version';
const roles = 'users are PostgreSQL roles, managed by GRANT, REVOKE and facetdb users';
const debugging = "it is for Redis's own developers";
const replication = 'PostgreSQL replicates the store';
const cluster = 'there are no cluster nodes to move keys between';

export const unsupportedCommands: readonly Command[] = [
  {
    name: 'eval', group: 'scripting', since: '2.6.0', summary: 'Execute a Lua script server side.', complexity: 'Depends on the script that is executed.',
    arity: -3, flags: ['noscript', 'stale', 'skip_monitor', 'movablekeys'], unsupported: scripting,
  },
  {
    name: 'eval_ro', group: 'scripting', since: '7.0.0', summary: 'Execute a read-only Lua script server side.', complexity: 'Depends on the script that is executed.',
    arity: -3, flags: ['readonly', 'noscript', 'stale', 'skip_monitor', 'movablekeys'], unsupported: scripting,
  },
  {
    name: 'evalsha', group: 'scripting', since: '2.6.0', summary: 'Execute a Lua script server side.', complexity: 'Depends on the script that is executed.',
    arity: -3, flags: ['noscript', 'stale', 'skip_monitor', 'movablekeys'], unsupported: scripting,
  },
  {
    name: 'evalsha_ro', group: 'scripting', since: '7.0.0', summary: 'Execute a read-only Lua script server side.', complexity: 'Depends on the script that is executed.',
    arity: -3, flags: ['readonly', 'noscript', 'stale', 'skip_monitor', 'movablekeys'], unsupported: scripting,
  },
  {
    name: 'fcall', group: 'scripting', since: '7.0.0', summary: 'Invoke a function.', complexity: 'Depends on the function that is executed.',
    arity: -3, flags: ['noscript', 'stale', 'skip_monitor', 'movablekeys'], unsupported: scripting,
  },
  {
    name: 'fcall_ro', group: 'scripting', since: '7.0.0', summary: 'Invoke a read-only function.', complexity: 'Depends on the function that is executed.',
    arity: -3, flags: ['readonly', 'noscript', 'stale', 'skip_monitor', 'movablekeys'], unsupported: scripting,
  },
  {
    name: 'geoadd', group: 'geo', since: '3.2.0', summary: 'Add one or more geospatial items in the geospatial index represented using a sorted set.', complexity: 'O(log(N)) for each item added, where N is the number of elements in the sorted set.',
    arity: -5, flags: ['write', 'denyoom'], keys: oneKey, unsupported: geo,
  },
  {
    name: 'geodist', group: 'geo', since: '3.2.0', summary: 'Returns the distance between two members of a geospatial index.', complexity: 'O(log(N))',
    arity: -4, flags: ['readonly'], keys: oneKey, unsupported: geo,
  },
  {
    name: 'geohash', group: 'geo', since: '3.2.0', summary: 'Returns members of a geospatial index as standard geohash strings.', complexity: 'O(log(N)) for each member requested, where N is the number of elements in the sorted set.',
    arity: -2, flags: ['readonly'], keys: oneKey, unsupported: geo,
  },
  {
    name: 'geopos', group: 'geo', since: '3.2.0', summary: 'Returns longitude and latitude of members of a geospatial index.', complexity: 'O(N) where N is the number of members requested.',
    arity: -2, flags: ['readonly'], keys: oneKey, unsupported: geo,
  },
  {
    name: 'georadius', group: 'geo', since: '3.2.0', summary: 'Query a sorted set representing a geospatial index to fetch members matching a given maximum distance from a point.', complexity: 'O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.',
    arity: -6, flags: ['write', 'denyoom', 'movablekeys'], keys: oneKey, unsupported: geo,
  },
  {
    name: 'georadius_ro', group: 'geo', since: '3.2.10', summary: 'A read-only variant for GEORADIUS.', complexity: 'O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.',
    arity: -6, flags: ['readonly'], keys: oneKey, unsupported: geo,
  },
  {
    name: 'georadiusbymember', group: 'geo', since: '3.2.0', summary: 'Query a sorted set representing a geospatial index to fetch members matching a given maximum distance from a member.', complexity: 'O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.',
    arity: -5, flags: ['write', 'denyoom', 'movablekeys'], keys: oneKey, unsupported: geo,
  },
  {
    name: 'georadiusbymember_ro', group: 'geo', since: '3.2.10', summary: 'A read-only variant for GEORADIUSBYMEMBER.', complexity: 'O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.',
    arity: -5, flags: ['readonly'], keys: oneKey, unsupported: geo,
  },
  {
    name: 'geosearch', group: 'geo', since: '6.2.0', summary: 'Query a sorted set representing a geospatial index to fetch members inside an area of a box or a circle.', complexity: 'O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape',
    arity: -7, flags: ['readonly'], keys: oneKey, unsupported: geo,
  },
  {
    name: 'geosearchstore', group: 'geo', since: '6.2.0', summary: 'Query a sorted set representing a geospatial index to fetch members inside an area of a box or a circle, and store the result in another key.', complexity: 'O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape',
    arity: -8, flags: ['write', 'denyoom'], keys: { first: 1, last: 2, step: 1 }, unsupported: geo,
  },
  {
    name: 'pfadd', group: 'hyperloglog', since: '2.8.9', summary: 'Adds the specified elements to the specified HyperLogLog.', complexity: 'O(1) to add every element.',
    arity: -2, flags: ['write', 'denyoom', 'fast'], keys: oneKey, unsupported: hyperLogLog,
  },
  {
    name: 'pfcount', group: 'hyperloglog', since: '2.8.9', summary: 'Return the approximated cardinality of the set(s) observed by the HyperLogLog at key(s).', complexity: 'O(1) with a very small average constant time when called with a single key. O(N) with N being the number of keys, and much bigger constant times, when called with multiple keys.',
    arity: -2, flags: ['readonly'], keys: allArguments, unsupported: hyperLogLog,
  },
  {
    name: 'pfdebug', group: 'hyperloglog', since: '2.8.9', summary: 'Internal commands for debugging HyperLogLog values.', complexity: 'N/A',
    arity: 3, flags: ['write', 'denyoom', 'admin'], keys: { first: 2, last: 2, step: 1 }, unsupported: hyperLogLog,
  },
  {
    name: 'pfmerge', group: 'hyperloglog', since: '2.8.9', summary: 'Merge N different HyperLogLogs into a single one.', complexity: 'O(N) to merge N HyperLogLogs, but with high constant times.',
    arity: -2, flags: ['write', 'denyoom'], keys: allArguments, unsupported: hyperLogLog,
  },
  {
    name: 'pfselftest', group: 'hyperloglog', since: '2.8.9', summary: 'An internal command for testing HyperLogLog values.', complexity: 'N/A',
    arity: 1, flags: ['admin'], unsupported: hyperLogLog,
  },
  {
    name: 'xack', group: 'stream', since: '5.0.0', summary: 'Marks a pending message as correctly processed, effectively removing it from the pending entries list of the consumer group. Return value of the command is the number of messages successfully acknowledged, that is, the IDs we were actually able to resolve in the PEL.', complexity: 'O(1) for each message ID processed.',
    arity: -4, flags: ['write', 'fast'], keys: oneKey, unsupported: streams,
  },
  {
    name: 'xadd', group: 'stream', since: '5.0.0', summary: 'Appends a new entry to a stream.', complexity: 'O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.',
    arity: -5, flags: ['write', 'denyoom', 'fast'], keys: oneKey, unsupported: streams,
  },
  {
    name: 'xautoclaim', group: 'stream', since: '6.2.0', summary: 'Changes (or acquires) ownership of messages in a consumer group, as if the messages were delivered to the specified consumer.', complexity: 'O(1) if COUNT is small.',
    arity: -6, flags: ['write', 'fast'], keys: oneKey, unsupported: streams,
  },
  {
    name: 'xclaim', group: 'stream', since: '5.0.0', summary: 'Changes (or acquires) ownership of a message in a consumer group, as if the message was delivered to the specified consumer.', complexity: 'O(log N) with N being the number of messages in the PEL of the consumer group.',
    arity: -6, flags: ['write', 'fast'], keys: oneKey, unsupported: streams,
  },
  {
    name: 'xdel', group: 'stream', since: '5.0.0', summary: 'Removes the specified entries from the stream. Returns the number of items actually deleted, that may be different from the number of IDs passed in case certain IDs do not exist.', complexity: 'O(1) for each single item to delete in the stream, regardless of the stream size.',
    arity: -3, flags: ['write', 'fast'], keys: oneKey, unsupported: streams,
  },
  {
    name: 'xgroup', group: 'stream', since: '5.0.0', summary: 'A container for consumer groups commands.', complexity: 'Depends on subcommand.',
    arity: -2, flags: [], unsupported: streams,
  },
  {
    name: 'xinfo', group: 'stream', since: '5.0.0', summary: 'A container for stream introspection commands.', complexity: 'Depends on subcommand.',
    arity: -2, flags: [], unsupported: streams,
  },
  {
    name: 'xlen', group: 'stream', since: '5.0.0', summary: 'Return the number of entries in a stream.', complexity: 'O(1)',
    arity: 2, flags: ['readonly', 'fast'], keys: oneKey, unsupported: streams,
  },
  {
    name: 'xpending', group: 'stream', since: '5.0.0', summary: 'Return information and entries from a stream consumer group pending entries list, that are messages fetched but never acknowledged.', complexity: 'O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.',
    arity: -3, flags: ['readonly'], keys: oneKey, unsupported: streams,
  },
  {
    name: 'xrange', group: 'stream', since: '5.0.0', summary: 'Return a range of elements in a stream, with IDs matching the specified IDs interval.', complexity: 'O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).',
    arity: -4, flags: ['readonly'], keys: oneKey, unsupported: streams,
  },
  {
    name: 'xread', group: 'stream', since: '5.0.0', summary: 'Return never seen elements in multiple streams, with IDs greater than the ones reported by the caller for each stream. Can block.', complexity: 'For each stream mentioned: O(N) with N being the number of elements being returned, it means that XREAD-ing with a fixed COUNT is O(1). Note that when the BLOCK option is used, XADD will pay O(M) time in order to serve the M clients blocked on the stream getting new data.',
    arity: -4, flags: ['readonly', 'blocking', 'movablekeys'], unsupported: streams,
  },
  {
    name: 'xreadgroup', group: 'stream', since: '5.0.0', summary: 'Return new entries from a stream using a consumer group, or access the history of the pending entries for a given consumer. Can block.', complexity: 'For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.',
    arity: -7, flags: ['write', 'blocking', 'movablekeys'], unsupported: streams,
  },
  {
    name: 'xrevrange', group: 'stream', since: '5.0.0', summary: 'Return a range of elements in a stream, with IDs matching the specified IDs interval, in reverse order (from greater to smaller IDs) compared to XRANGE.', complexity: 'O(N) with N being the number of elements returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).',
    arity: -4, flags: ['readonly'], keys: oneKey, unsupported: streams,
  },
  {
    name: 'xsetid', group: 'stream', since: '5.0.0', summary: 'An internal command for replicating stream values.', complexity: 'O(1)',
    arity: -3, flags: ['write', 'denyoom', 'fast'], keys: oneKey, unsupported: streams,
  },
  {
    name: 'xtrim', group: 'stream', since: '5.0.0', summary: 'Trims the stream to (approximately if \'~\' is passed) a certain size.', complexity: 'O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.',
    arity: -4, flags: ['write'], keys: oneKey, unsupported: streams,
  },
  {
    name: 'acl', group: 'server', since: '6.0.0', summary: 'A container for Access List Control commands .', complexity: 'Depends on subcommand.',
    arity: -2, flags: [], unsupported: roles,
  },
  {
    name: 'debug', group: 'server', since: '1.0.0', summary: 'A container for debugging commands.', complexity: 'Depends on subcommand.',
    arity: -2, flags: ['admin', 'noscript', 'loading', 'stale'], unsupported: debugging,
  },
  {
    name: 'psync', group: 'server', since: '2.8.0', summary: 'Internal command used for replication.', complexity: 'O(1)',
    arity: -3, flags: ['admin', 'noscript', 'no_async_loading', 'no_multi'], unsupported: replication,
  },
  {
    name: 'replconf', group: 'server', since: '3.0.0', summary: 'An internal command for configuring the replication stream.', complexity: 'O(1)',
    arity: -1, flags: ['admin', 'noscript', 'loading', 'stale', 'allow_busy'], unsupported: replication,
  },
  {
    name: 'restore-asking', group: 'server', since: '3.0.0', summary: 'An internal command for migrating keys in a cluster.', complexity: 'O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).',
    arity: -4, flags: ['write', 'denyoom', 'asking'], keys: oneKey, unsupported: cluster,
  },
  {
    name: 'sync', group: 'server', since: '1.0.0', summary: 'Internal command used for replication.', complexity: 'O(1)',
    arity: 1, flags: ['admin', 'noscript', 'no_async_loading', 'no_multi'], unsupported: replication,
  },
];
