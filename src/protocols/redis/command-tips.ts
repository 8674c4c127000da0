// The tips of COMMAND INFO ("Command tips" of Redis's manual): what a proxy or a program that compares servers should know.

import type { Command } from './command.ts';

/** Tips, and the commands that have them. */
const tips: readonly (readonly [tips: string, commands: string])[] = [
  [
    'nondeterministic_output',
    'client|info client|list cluster|bumpepoch cluster|count-failure-reports cluster|getkeysinslot cluster|info cluster|links ' +
      'cluster|nodes cluster|replicas cluster|shards cluster|slaves cluster|slots dump hrandfield hscan lastsave object|encoding ' +
      'object|freq object|idletime object|refcount pttl spop srandmember sscan time ttl zrandmember zscan',
  ],
  [
    'nondeterministic_output request_policy:all_nodes response_policy:special',
    'latency|doctor latency|graph latency|histogram latency|history latency|latest',
  ],
  ['nondeterministic_output request_policy:all_shards response_policy:special', 'function|stats info memory|doctor memory|stats'],
  ['nondeterministic_output request_policy:special', 'scan'],
  [
    'nondeterministic_output_order',
    'command command|docs command|info command|list function|list hgetall hkeys hvals module|list sdiff sinter smembers sunion',
  ],
  ['request_policy:all_nodes nondeterministic_output', 'slowlog|get'],
  ['request_policy:all_nodes response_policy:agg_sum nondeterministic_output', 'slowlog|len'],
  ['request_policy:all_nodes response_policy:all_succeeded', 'config|set latency|reset script|flush slowlog|reset'],
  ['request_policy:all_shards nondeterministic_output', 'randomkey'],
  ['request_policy:all_shards nondeterministic_output_order', 'keys'],
  ['request_policy:all_shards response_policy:agg_logical_and', 'script|exists'],
  ['request_policy:all_shards response_policy:agg_min', 'wait'],
  ['request_policy:all_shards response_policy:agg_sum', 'dbsize'],
  ['request_policy:all_shards response_policy:all_succeeded', 'flushall flushdb function|flush memory|purge ping'],
  ['request_policy:all_shards response_policy:one_succeeded', 'function|kill script|kill'],
  ['request_policy:multi_shard', 'mget'],
  ['request_policy:multi_shard response_policy:agg_min', 'msetnx'],
  ['request_policy:multi_shard response_policy:agg_sum', 'del exists touch unlink'],
  ['request_policy:multi_shard response_policy:all_succeeded', 'mset'],
];

const byName: ReadonlyMap<string, readonly string[]> = new Map(
  tips.flatMap(([words, commands]) => commands.split(' ').map((name) => [name, words.split(' ')] as const)),
);

export function tipsOf({ name }: Command): readonly string[] {
  return byName.get(name) ?? [];
}
