// Clients that wait for a key (BLPOP and its like), in the order in which they began to wait.

import { keyIdentity } from './key-identity.ts';
import { keyvalueLimits } from './limits.ts';
import type { Entry } from './entry.ts';
import type { Unit } from './unit.ts';

export type BlockedOptions = {
  readonly space: number;
  readonly keys: readonly Buffer[];
  /**
   * Tries again with the key that became ready. Gives undefined when there is nothing for it (another kind of value,
   * or who came before took it). Runs like a command: it may lack something, and an error that it throws is the reply.
   */
  readonly retry: (unit: Unit, entry: Entry) => unknown;
  /** How long it waits, in milliseconds; 0: for ever. */
  readonly timeoutMs: number;
  /** The reply after that time. */
  readonly timeoutReply: unknown;
};

/** A command that found nothing and wants to wait: what it waits for, and how it goes on when a key is ready. */
export class Blocked {
  readonly space: number;
  readonly keys: readonly Buffer[];
  readonly retry: (unit: Unit, entry: Entry) => unknown;
  readonly timeoutMs: number;
  readonly timeoutReply: unknown;

  constructor({ space, keys, retry, timeoutMs, timeoutReply }: BlockedOptions) {
    this.space = space;
    this.keys = keys;
    this.retry = retry;
    this.timeoutMs = timeoutMs;
    this.timeoutReply = timeoutReply;
  }
}

/** A client that may have to wait. `answer` is called once with the reply, unless it stopped waiting before. */
export class Waiter {
  /** What it waits for, from when its command found nothing. */
  blocked: Blocked | undefined;
  /** A group has something for it, which holds once the group is committed. Until then it cannot stop waiting. */
  isClaimed = false;
  /** The client is gone. */
  isAbandoned = false;
  readonly answer: (error: Error | undefined, reply: unknown) => void;

  constructor(answer: (error: Error | undefined, reply: unknown) => void) {
    this.answer = answer;
  }
}

export type BlockedClientsOptions = {
  /** The first client began to wait for a key; the last one stopped. */
  readonly onFirst: (space: number, key: Buffer) => void;
  readonly onLast: (space: number, key: Buffer) => void;
};

/** The waiting clients of one role. */
export class BlockedClients {
  readonly #options: BlockedClientsOptions;
  /** By `name` below, each in the order of arrival. */
  readonly #byKey = new Map<string, Set<Waiter>>();

  constructor(options: BlockedClientsOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  /** Who waits for the key, the first comer first. */
  waitersOf(space: number, keyName: string): Iterable<Waiter> {
    return this.#byKey.get(nameOf(space, keyName)) ?? [];
  }

  /** The keys of a keyspace that are waited for. */
  *keysOf(space: number): Generator<Buffer> {
    const prefix = nameOf(space, '');
    for (const name of this.#byKey.keys()) if (name.startsWith(prefix)) yield Buffer.from(name.slice(prefix.length), 'latin1');
  }

  add(waiter: Waiter): void {
    const { blocked } = waiter;
    for (const key of blocked?.keys ?? []) {
      const name = nameOf(blocked!.space, key.toString('latin1'));
      const waiters = this.#byKey.get(name);
      if (waiters === undefined) {
        this.#byKey.set(name, new Set([waiter]));
        this.#options.onFirst(blocked!.space, key);
      } else waiters.add(waiter);
    }
  }

  /** Takes the waiter out; false when it did not wait, or not any more. */
  remove(waiter: Waiter): boolean {
    const { blocked } = waiter;
    let found = false;
    for (const key of blocked?.keys ?? []) {
      const name = nameOf(blocked!.space, key.toString('latin1'));
      const waiters = this.#byKey.get(name);
      if (waiters === undefined) continue;
      if (waiters.delete(waiter)) found = true;
      if (waiters.size > 0) continue;
      this.#byKey.delete(name);
      this.#options.onLast(blocked!.space, key);
    }
    return found;
  }

  /** The key, among those that are waited for, that the store knows by this identity. */
  keyOf(space: number, identity: Buffer): Buffer | undefined {
    if (identity.length <= keyvalueLimits.identityBytes) {
      return this.#byKey.has(nameOf(space, identity.toString('latin1'))) ? identity : undefined;
    }
    for (const key of this.keysOf(space)) if (keyIdentity(key).equals(identity)) return key;
    return undefined;
  }
}

function nameOf(space: number, keyName: string): string {
  return `${space}:${keyName}`;
}
