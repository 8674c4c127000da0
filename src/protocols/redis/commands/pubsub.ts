// Publishing and subscribing.

import { type Command, allArguments, oneKey } from '../command.ts';
import { block, pattern, text } from '../command-syntax.ts';
import type { RedisConnection, SubscriptionKind } from '../connection.ts';
import { matchesGlob } from '../glob.ts';
import { helpOf } from '../help.ts';
import { wrongSubcommand } from '../redis-error.ts';
import { Push, Replies, type Reply } from '../reply.ts';

export const pubsubCommands: readonly Command[] = [
  {
    name: 'psubscribe', group: 'pubsub', since: '2.0.0', summary: 'Listen for messages published to channels matching the given patterns', complexity: 'O(N) where N is the number of patterns the client is already subscribed to.',
    syntax: [block('pattern', [pattern('pattern')], { multiple: true })],
    arity: -2, flags: ['pubsub', 'noscript', 'loading', 'stale'], local: psubscribe,
  },
  {
    name: 'publish', group: 'pubsub', since: '2.0.0', summary: 'Post a message to a channel', complexity: 'O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).',
    syntax: [text('channel'), text('message')],
    arity: 3, flags: ['pubsub', 'loading', 'stale', 'fast'], local: publish, ordered: true, pipelined: true,
  },
  {
    name: 'punsubscribe', group: 'pubsub', since: '2.0.0', summary: 'Stop listening for messages posted to channels matching the given patterns', complexity: 'O(N+M) where N is the number of patterns the client is already subscribed and M is the number of total patterns subscribed in the system (by any client).',
    syntax: [pattern('pattern', { optional: true, multiple: true })],
    arity: -1, flags: ['pubsub', 'noscript', 'loading', 'stale'], local: punsubscribe,
  },
  {
    name: 'spublish', group: 'pubsub', since: '7.0.0', summary: 'Post a message to a shard channel', complexity: 'O(N) where N is the number of clients subscribed to the receiving shard channel.',
    syntax: [text('shardchannel'), text('message')],
    arity: 3, flags: ['pubsub', 'loading', 'stale', 'fast'], channels: oneKey, local: spublish, ordered: true, pipelined: true,
  },
  {
    name: 'ssubscribe', group: 'pubsub', since: '7.0.0', summary: 'Listen for messages published to the given shard channels', complexity: 'O(N) where N is the number of shard channels to subscribe to.',
    syntax: [text('shardchannel', { multiple: true })],
    arity: -2, flags: ['pubsub', 'noscript', 'loading', 'stale'], channels: allArguments, local: ssubscribe,
  },
  {
    name: 'subscribe', group: 'pubsub', since: '2.0.0', summary: 'Listen for messages published to the given channels', complexity: 'O(N) where N is the number of channels to subscribe to.',
    syntax: [text('channel', { multiple: true })],
    arity: -2, flags: ['pubsub', 'noscript', 'loading', 'stale'], local: subscribe,
  },
  {
    name: 'sunsubscribe', group: 'pubsub', since: '7.0.0', summary: 'Stop listening for messages posted to the given shard channels', complexity: 'O(N) where N is the number of clients already subscribed to a shard channel.',
    syntax: [text('shardchannel', { optional: true, multiple: true })],
    arity: -1, flags: ['pubsub', 'noscript', 'loading', 'stale'], channels: allArguments, local: sunsubscribe,
  },
  {
    name: 'unsubscribe', group: 'pubsub', since: '2.0.0', summary: 'Stop listening for messages posted to the given channels', complexity: 'O(N) where N is the number of clients already subscribed to a channel.',
    syntax: [text('channel', { optional: true, multiple: true })],
    arity: -1, flags: ['pubsub', 'noscript', 'loading', 'stale'], local: unsubscribe,
  },
  {
    name: 'pubsub', group: 'pubsub', since: '2.8.0', summary: 'A container for Pub/Sub commands', complexity: 'Depends on subcommand.',
    arity: -2, flags: [], subcommands: [
    {
      name: 'pubsub|channels', group: 'pubsub', since: '2.8.0', summary: 'List active channels', complexity: 'O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns)',
      syntax: [pattern('pattern', { optional: true })],
      arity: -2, flags: ['pubsub', 'loading', 'stale'], local: pubsubChannels,
    },
    {
      name: 'pubsub|help', group: 'pubsub', since: '6.2.0', summary: 'Show helpful text about the different subcommands', complexity: 'O(1)',
      arity: 2, flags: ['loading', 'stale'], local: pubsubHelp,
    },
    {
      name: 'pubsub|numpat', group: 'pubsub', since: '2.8.0', summary: 'Get the count of unique patterns pattern subscriptions', complexity: 'O(1)',
      arity: 2, flags: ['pubsub', 'loading', 'stale'], local: pubsubNumpat,
    },
    {
      name: 'pubsub|numsub', group: 'pubsub', since: '2.8.0', summary: 'Get the count of subscribers for channels', complexity: 'O(N) for the NUMSUB subcommand, where N is the number of requested channels',
      syntax: [text('channel', { optional: true, multiple: true })],
      arity: -2, flags: ['pubsub', 'loading', 'stale'], local: pubsubNumsub,
    },
    {
      name: 'pubsub|shardchannels', group: 'pubsub', since: '7.0.0', summary: 'List active shard channels', complexity: 'O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).',
      syntax: [pattern('pattern', { optional: true })],
      arity: -2, flags: ['pubsub', 'loading', 'stale'], local: pubsubShardchannels,
    },
    {
      name: 'pubsub|shardnumsub', group: 'pubsub', since: '7.0.0', summary: 'Get the count of subscribers for shard channels', complexity: 'O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels',
      syntax: [text('shardchannel', { optional: true, multiple: true })],
      arity: -2, flags: ['pubsub', 'loading', 'stale'], local: pubsubShardnumsub,
    },
  ],
},
];

// The words of the confirmations
const verbs = {
  channel: { subscribe: 'subscribe', unsubscribe: 'unsubscribe' },
  pattern: { subscribe: 'psubscribe', unsubscribe: 'punsubscribe' },
  shard: { subscribe: 'ssubscribe', unsubscribe: 'sunsubscribe' },
} as const satisfies Record<SubscriptionKind, unknown>;

function subscribe(connection: RedisConnection, names: readonly Buffer[]): Reply | Promise<Reply> {
  return subscribeTo(connection, 'channel', names);
}

function psubscribe(connection: RedisConnection, names: readonly Buffer[]): Reply | Promise<Reply> {
  return subscribeTo(connection, 'pattern', names);
}

function ssubscribe(connection: RedisConnection, names: readonly Buffer[]): Reply | Promise<Reply> {
  return subscribeTo(connection, 'shard', names);
}

/** The first subscription of a gateway is made known to the others before it is confirmed. */
function subscribeTo(connection: RedisConnection, kind: SubscriptionKind, names: readonly Buffer[]): Reply | Promise<Reply> {
  const { messages } = connection.server.keyvalue;
  if (messages.isSubscribed) return subscribed(connection, kind, names);
  return messages.subscribe().then(() => subscribed(connection, kind, names));
}

function subscribed(connection: RedisConnection, kind: SubscriptionKind, names: readonly Buffer[]): Reply {
  if (connection.isClosing) return null;
  return new Replies(
    names.map((name) => {
      connection.server.pubsub.subscribe(connection, kind, name.toString('latin1'));
      return new Push([verbs[kind].subscribe, name, countOf(connection, kind)]);
    }),
  );
}

function unsubscribe(connection: RedisConnection, names: readonly Buffer[]): Reply {
  return unsubscribeFrom(connection, 'channel', names);
}

function punsubscribe(connection: RedisConnection, names: readonly Buffer[]): Reply {
  return unsubscribeFrom(connection, 'pattern', names);
}

function sunsubscribe(connection: RedisConnection, names: readonly Buffer[]): Reply {
  return unsubscribeFrom(connection, 'shard', names);
}

/** From all of a kind when none is named. */
function unsubscribeFrom(connection: RedisConnection, kind: SubscriptionKind, names: readonly Buffer[]): Reply {
  const all = names.length > 0 ? names : [...connection.subscriptions[kind]].map((name) => Buffer.from(name, 'latin1'));
  const verb = verbs[kind].unsubscribe;
  if (all.length === 0) return new Replies([new Push([verb, null, countOf(connection, kind)])]);
  return new Replies(
    all.map((name) => {
      connection.server.pubsub.unsubscribe(connection, kind, name.toString('latin1'));
      return new Push([verb, name, countOf(connection, kind)]);
    }),
  );
}

/** Shard channels are counted apart. */
function countOf({ subscriptions: { channel, pattern, shard } }: RedisConnection, kind: SubscriptionKind): number {
  return kind === 'shard' ? shard.size : channel.size + pattern.size;
}

function publish(connection: RedisConnection, [channel, payload]: readonly Buffer[]): Reply | Promise<Reply> {
  return send(connection, 'channel', channel!, payload!);
}

function spublish(connection: RedisConnection, [channel, payload]: readonly Buffer[]): Reply | Promise<Reply> {
  return send(connection, 'shard', channel!, payload!);
}

/** The number is that of this gateway's subscribers, as in a cluster it is that of one node. */
function send({ server }: RedisConnection, kind: 'channel' | 'shard', channel: Buffer, payload: Buffer): Reply | Promise<Reply> {
  const sent = server.keyvalue.messages.publish({ kind, channel, payload });
  const count = server.pubsub.deliver(kind, channel, payload);
  return sent === undefined ? count : sent.then(() => count);
}

function pubsubChannels(connection: RedisConnection, args: readonly Buffer[]): Reply {
  if (args.length > 1) throw wrongSubcommand('PUBSUB', 'CHANNELS');
  return namesOf(connection, 'channel', args);
}

function pubsubShardchannels(connection: RedisConnection, args: readonly Buffer[]): Reply {
  if (args.length > 1) throw wrongSubcommand('PUBSUB', 'SHARDCHANNELS');
  return namesOf(connection, 'shard', args);
}

function namesOf({ server }: RedisConnection, kind: SubscriptionKind, [pattern]: readonly Buffer[]): Reply {
  const names = [...server.pubsub.names(kind)].map((name) => Buffer.from(name, 'latin1'));
  return pattern === undefined ? names : names.filter((name) => matchesGlob(pattern, name));
}

function pubsubNumpat({ server }: RedisConnection): Reply {
  return server.pubsub.countNames('pattern');
}

function pubsubNumsub(connection: RedisConnection, names: readonly Buffer[]): Reply {
  return countsOf(connection, 'channel', names);
}

function pubsubShardnumsub(connection: RedisConnection, names: readonly Buffer[]): Reply {
  return countsOf(connection, 'shard', names);
}

function countsOf({ server }: RedisConnection, kind: SubscriptionKind, names: readonly Buffer[]): Reply {
  return names.flatMap((name) => [name, server.pubsub.countSubscribers(kind, name.toString('latin1'))]);
}

function pubsubHelp(): Reply {
  return helpOf('PUBSUB', [
    'CHANNELS [<pattern>]',
    '    Return the currently active channels matching a <pattern> (default: \'*\').',
    'NUMPAT',
    '    Return number of subscriptions to patterns.',
    'NUMSUB [<channel> ...]',
    '    Return the number of subscribers for the specified channels, excluding',
    '    pattern subscriptions(default: no channels).',
    'SHARDCHANNELS [<pattern>]',
    '    Return the currently active shard level channels matching a <pattern> (default: \'*\').',
    'SHARDNUMSUB [<shardchannel> ...]',
    '    Return the number of subscribers for the specified shard level channel(s)',
  ]);
}
