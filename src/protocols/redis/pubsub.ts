// Who subscribes to what on this server, and the delivery of messages to them. Messages between servers are the
// facet's affair (`Messages`).

import { Buffer } from 'node:buffer';
import type { RedisConnection, SubscriptionKind } from './connection.ts';
import { matchesGlob } from './glob.ts';
import { Push, type Reply } from './reply.ts';

/** Names and patterns are strings of one character a byte. */
export class PubSub {
  readonly #subscribers: Readonly<Record<SubscriptionKind, Map<string, Set<RedisConnection>>>> = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  };

  /** The bytes of each pattern that somebody subscribes to: every message is held against all of them. */
  readonly #patterns = new Map<string, Buffer>();

  /** False when it was subscribed already. */
  subscribe(connection: RedisConnection, kind: SubscriptionKind, name: string): boolean {
    if (connection.subscriptions[kind].has(name)) return false;
    connection.subscriptions[kind].add(name);
    const subscribers = this.#subscribers[kind].get(name);
    if (subscribers !== undefined) subscribers.add(connection);
    else {
      this.#subscribers[kind].set(name, new Set([connection]));
      if (kind === 'pattern') this.#patterns.set(name, Buffer.from(name, 'latin1'));
    }
    return true;
  }

  unsubscribe(connection: RedisConnection, kind: SubscriptionKind, name: string): void {
    if (!connection.subscriptions[kind].delete(name)) return;
    const subscribers = this.#subscribers[kind].get(name);
    subscribers?.delete(connection);
    if (subscribers?.size !== 0) return;
    this.#subscribers[kind].delete(name);
    if (kind === 'pattern') this.#patterns.delete(name);
  }

  /** Without replies: the connection is gone or begins anew. */
  unsubscribeAll(connection: RedisConnection): void {
    for (const kind of ['channel', 'pattern', 'shard'] as const) {
      for (const name of connection.subscriptions[kind]) this.unsubscribe(connection, kind, name);
    }
  }

  /** Names that somebody subscribes to. */
  names(kind: SubscriptionKind): Iterable<string> {
    return this.#subscribers[kind].keys();
  }

  countNames(kind: SubscriptionKind): number {
    return this.#subscribers[kind].size;
  }

  countSubscribers(kind: SubscriptionKind, name: string): number {
    return this.#subscribers[kind].get(name)?.size ?? 0;
  }

  /** Gives the message to this server's subscribers, and how many got it. */
  deliver(kind: 'channel' | 'shard', channel: Buffer, payload: Buffer): number {
    let count = 0;
    const name = channel.toString('latin1');
    const message = new Push([kind === 'shard' ? 'smessage' : 'message', channel, payload]);
    for (const connection of this.#subscribers[kind].get(name) ?? []) {
      connection.push(message);
      count += 1;
    }
    if (kind === 'shard') return count;
    for (const [pattern, connections] of this.#subscribers.pattern) {
      const bytes = this.#patterns.get(pattern)!;
      if (!matchesGlob(bytes, channel)) continue;
      const matched: Reply = new Push(['pmessage', bytes, channel, payload]);
      for (const connection of connections) {
        connection.push(matched);
        count += 1;
      }
    }
    return count;
  }
}
