// Cluster commands answer as those of a stand-alone server.

import type { Command } from '../command.ts';
import { block, integer, oneOf, text, word } from '../command-syntax.ts';
import { RedisError } from '../redis-error.ts';

const disabled = new RedisError('ERR This instance has cluster support disabled');

const clusterSubcommands: readonly Command[] = [
  {
    name: 'cluster|addslots', group: 'cluster', since: '3.0.0', summary: 'Assign new hash slots to receiving node', complexity: 'O(N) where N is the total number of hash slot arguments',
    syntax: [integer('slot', { multiple: true })],
    arity: -3, flags: ['admin', 'stale', 'no_async_loading'], local: clusterDisabled,
  },
  {
    name: 'cluster|addslotsrange', group: 'cluster', since: '7.0.0', summary: 'Assign new hash slots to receiving node', complexity: 'O(N) where N is the total number of the slots between the start slot and end slot arguments.',
    syntax: [block('start-slot_end-slot', [integer('start-slot'), integer('end-slot')], { multiple: true })],
    arity: -4, flags: ['admin', 'stale', 'no_async_loading'], local: clusterDisabled,
  },
  {
    name: 'cluster|bumpepoch', group: 'cluster', since: '3.0.0', summary: 'Advance the cluster config epoch', complexity: 'O(1)',
    arity: 2, flags: ['admin', 'stale', 'no_async_loading'], local: clusterDisabled,
  },
  {
    name: 'cluster|count-failure-reports', group: 'cluster', since: '3.0.0', summary: 'Return the number of failure reports active for a given node', complexity: 'O(N) where N is the number of failure reports',
    syntax: [text('node-id')],
    arity: 3, flags: ['admin', 'stale'], local: clusterDisabled,
  },
  {
    name: 'cluster|countkeysinslot', group: 'cluster', since: '3.0.0', summary: 'Return the number of local keys in the specified hash slot', complexity: 'O(1)',
    syntax: [integer('slot')],
    arity: 3, flags: ['stale'], local: clusterDisabled,
  },
  {
    name: 'cluster|delslots', group: 'cluster', since: '3.0.0', summary: 'Set hash slots as unbound in receiving node', complexity: 'O(N) where N is the total number of hash slot arguments',
    syntax: [integer('slot', { multiple: true })],
    arity: -3, flags: ['admin', 'stale', 'no_async_loading'], local: clusterDisabled,
  },
  {
    name: 'cluster|delslotsrange', group: 'cluster', since: '7.0.0', summary: 'Set hash slots as unbound in receiving node', complexity: 'O(N) where N is the total number of the slots between the start slot and end slot arguments.',
    syntax: [block('start-slot_end-slot', [integer('start-slot'), integer('end-slot')], { multiple: true })],
    arity: -4, flags: ['admin', 'stale', 'no_async_loading'], local: clusterDisabled,
  },
  {
    name: 'cluster|failover', group: 'cluster', since: '3.0.0', summary: 'Forces a replica to perform a manual failover of its master.', complexity: 'O(1)',
    syntax: [oneOf('options', [word('FORCE'), word('TAKEOVER')], { optional: true })],
    arity: -2, flags: ['admin', 'stale', 'no_async_loading'], local: clusterDisabled,
  },
  {
    name: 'cluster|flushslots', group: 'cluster', since: '3.0.0', summary: 'Delete a node\'s own slots information', complexity: 'O(1)',
    arity: 2, flags: ['admin', 'stale', 'no_async_loading'], local: clusterDisabled,
  },
  {
    name: 'cluster|forget', group: 'cluster', since: '3.0.0', summary: 'Remove a node from the nodes table', complexity: 'O(1)',
    syntax: [text('node-id')],
    arity: 3, flags: ['admin', 'stale', 'no_async_loading'], local: clusterDisabled,
  },
  {
    name: 'cluster|getkeysinslot', group: 'cluster', since: '3.0.0', summary: 'Return local key names in the specified hash slot', complexity: 'O(log(N)) where N is the number of requested keys',
    syntax: [integer('slot'), integer('count')],
    arity: 4, flags: ['stale'], local: clusterDisabled,
  },
  {
    name: 'cluster|help', group: 'cluster', since: '5.0.0', summary: 'Show helpful text about the different subcommands', complexity: 'O(1)',
    arity: 2, flags: ['loading', 'stale'], local: clusterDisabled,
  },
  {
    name: 'cluster|info', group: 'cluster', since: '3.0.0', summary: 'Provides info about Redis Cluster node state', complexity: 'O(1)',
    arity: 2, flags: ['stale'], local: clusterDisabled,
  },
  {
    name: 'cluster|keyslot', group: 'cluster', since: '3.0.0', summary: 'Returns the hash slot of the specified key', complexity: 'O(N) where N is the number of bytes in the key',
    syntax: [text('key')],
    arity: 3, flags: ['stale'], local: clusterDisabled,
  },
  {
    name: 'cluster|links', group: 'cluster', since: '7.0.0', summary: 'Returns a list of all TCP links to and from peer nodes in cluster', complexity: 'O(N) where N is the total number of Cluster nodes',
    arity: 2, flags: ['stale'], local: clusterDisabled,
  },
  {
    name: 'cluster|meet', group: 'cluster', since: '3.0.0', summary: 'Force a node cluster to handshake with another node', complexity: 'O(1)',
    history: [['4.0.0', 'Added the optional `cluster_bus_port` argument.']],
    syntax: [text('ip'), integer('port'), integer('cluster_bus_port', { optional: true, since: '4.0.0' })],
    arity: -4, flags: ['admin', 'stale', 'no_async_loading'], local: clusterDisabled,
  },
  {
    name: 'cluster|myid', group: 'cluster', since: '3.0.0', summary: 'Return the node id', complexity: 'O(1)',
    arity: 2, flags: ['stale'], local: clusterDisabled,
  },
  {
    name: 'cluster|nodes', group: 'cluster', since: '3.0.0', summary: 'Get Cluster config for the node', complexity: 'O(N) where N is the total number of Cluster nodes',
    arity: 2, flags: ['stale'], local: clusterDisabled,
  },
  {
    name: 'cluster|replicas', group: 'cluster', since: '5.0.0', summary: 'List replica nodes of the specified master node', complexity: 'O(1)',
    syntax: [text('node-id')],
    arity: 3, flags: ['admin', 'stale'], local: clusterDisabled,
  },
  {
    name: 'cluster|replicate', group: 'cluster', since: '3.0.0', summary: 'Reconfigure a node as a replica of the specified master node', complexity: 'O(1)',
    syntax: [text('node-id')],
    arity: 3, flags: ['admin', 'stale', 'no_async_loading'], local: clusterDisabled,
  },
  {
    name: 'cluster|reset', group: 'cluster', since: '3.0.0', summary: 'Reset a Redis Cluster node', complexity: 'O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect.',
    syntax: [oneOf('hard_soft', [word('HARD'), word('SOFT')], { optional: true })],
    arity: -2, flags: ['admin', 'noscript', 'stale'], local: clusterDisabled,
  },
  {
    name: 'cluster|saveconfig', group: 'cluster', since: '3.0.0', summary: 'Forces the node to save cluster state on disk', complexity: 'O(1)',
    arity: 2, flags: ['admin', 'stale', 'no_async_loading'], local: clusterDisabled,
  },
  {
    name: 'cluster|set-config-epoch', group: 'cluster', since: '3.0.0', summary: 'Set the configuration epoch in a new node', complexity: 'O(1)',
    syntax: [integer('config-epoch')],
    arity: 3, flags: ['admin', 'stale', 'no_async_loading'], local: clusterDisabled,
  },
  {
    name: 'cluster|setslot', group: 'cluster', since: '3.0.0', summary: 'Bind a hash slot to a specific node', complexity: 'O(1)',
    syntax: [
      integer('slot'),
      oneOf('subcommand', [text('node-id', { token: 'IMPORTING' }), text('node-id', { token: 'MIGRATING' }), text('node-id', { token: 'NODE' }), word('STABLE')]),
    ],
    arity: -4, flags: ['admin', 'stale', 'no_async_loading'], local: clusterDisabled,
  },
  {
    name: 'cluster|shards', group: 'cluster', since: '7.0.0', summary: 'Get array of cluster slots to node mappings', complexity: 'O(N) where N is the total number of cluster nodes',
    arity: 2, flags: ['stale'], local: clusterDisabled,
  },
  {
    name: 'cluster|slaves', group: 'cluster', since: '3.0.0', summary: 'List replica nodes of the specified master node', complexity: 'O(1)',
    deprecated: { since: '5.0.0', replacedBy: '`CLUSTER REPLICAS`' },
    syntax: [text('node-id')],
    arity: 3, flags: ['admin', 'stale'], local: clusterDisabled,
  },
  {
    name: 'cluster|slots', group: 'cluster', since: '3.0.0', summary: 'Get array of Cluster slot to node mappings', complexity: 'O(N) where N is the total number of Cluster nodes',
    deprecated: { since: '7.0.0', replacedBy: '`CLUSTER SHARDS`' },
    history: [['4.0.0', 'Added node IDs.'], ['7.0.0', 'Added additional networking metadata field.']],
    arity: 2, flags: ['stale'], local: clusterDisabled,
  },
];

export const clusterCommands: readonly Command[] = [
  {
    name: 'asking', group: 'cluster', since: '3.0.0', summary: 'Sent by cluster clients after an -ASK redirect', complexity: 'O(1)',
    arity: 1, flags: ['fast'], local: clusterDisabled,
  },
  {
    name: 'cluster', group: 'cluster', since: '3.0.0', summary: 'A container for cluster commands', complexity: 'Depends on subcommand.',
    arity: -2, flags: [], subcommands: clusterSubcommands,
  },
  {
    name: 'readonly', group: 'cluster', since: '3.0.0', summary: 'Enables read queries for a connection to a cluster replica node', complexity: 'O(1)',
    arity: 1, flags: ['loading', 'stale', 'fast'], local: clusterDisabled,
  },
  {
    name: 'readwrite', group: 'cluster', since: '3.0.0', summary: 'Disables read queries for a connection to a cluster replica node', complexity: 'O(1)',
    arity: 1, flags: ['loading', 'stale', 'fast'], local: clusterDisabled,
  },
];

function clusterDisabled(): never {
  throw disabled;
}
