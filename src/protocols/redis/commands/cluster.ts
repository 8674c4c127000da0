// Cluster commands answer as those of a stand-alone server.

import type { Command } from '../command.ts';
import { RedisError } from '../redis-error.ts';

const disabled = new RedisError('ERR This instance has cluster support disabled');

export const clusterCommands: readonly Command[] = [
  {
    name: 'asking', group: 'cluster', since: '3.0.0', summary: 'Sent by cluster clients after an -ASK redirect.', complexity: 'O(1)',
    arity: 1, flags: ['fast'], local: clusterDisabled,
  },
  {
    name: 'cluster', group: 'cluster', since: '3.0.0', summary: 'A container for cluster commands.', complexity: 'Depends on subcommand.',
    arity: -2, flags: [], local: clusterDisabled,
  },
  {
    name: 'readonly', group: 'cluster', since: '3.0.0', summary: 'Enables read queries for a connection to a cluster replica node.', complexity: 'O(1)',
    arity: 1, flags: ['loading', 'stale', 'fast'], local: clusterDisabled,
  },
  {
    name: 'readwrite', group: 'cluster', since: '3.0.0', summary: 'Disables read queries for a connection to a cluster replica node.', complexity: 'O(1)',
    arity: 1, flags: ['loading', 'stale', 'fast'], local: clusterDisabled,
  },
];

function clusterDisabled(): never {
  throw disabled;
}
