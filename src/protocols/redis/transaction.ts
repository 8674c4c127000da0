// MULTI, WATCH, EXEC: the commands that a connection has queued and the keys that it watches. All of them become one
// request of the store, which is one PostgreSQL transaction.

import { Blocked, type KeyRequest, type KeyVersion, Missing, type Unit, entriesOf } from '../../facets/keyvalue/index.ts';
import { mayWrite } from './client-pause.ts';
import { type Command, type KeyContext, argumentsOf, isBlind, isLong, isWrite, keysOf, noteAccesses } from './command.ts';
import type { RedisConnection } from './connection.ts';
import { runCounting } from './key-lookups.ts';
import { redisLimits } from './limits.ts';
import { namedElements } from './named-elements.ts';
import { asRedisError, redisErrors } from './redis-error.ts';
import { type Reply, nilArray } from './reply.ts';
import type { StoreCommand } from './store-request.ts';
import { type WatchedKey, watchedName } from './watched-keys.ts';

export type Queued = { readonly command: Command; readonly request: readonly Buffer[] };

export class Transaction {
  isQueueing = false;
  #isSpoiled = false;
  readonly queue: Queued[] = [];
  readonly #watched = new Map<string, WatchedKey>();

  get length(): number {
    return this.queue.length;
  }

  /** Bytes of the arguments that are queued. */
  get queuedBytes(): number {
    return this.queue.reduce((sum, { request }) => request.reduce((bytes, { length }) => bytes + length, sum), 0);
  }

  /** CLIENT PAUSE WRITE holds its EXEC up. */
  get mayWrite(): boolean {
    return this.queue.some(({ command }) => mayWrite(command));
  }

  /** A command of it may take more room than there is (`maxmemory`). */
  get needsRoom(): boolean {
    return this.queue.some(({ command }) => command.flags.includes('denyoom'));
  }

  get watched(): readonly WatchedKey[] {
    return [...this.#watched.values()];
  }

  /** Watches a key as it is about to be seen; undefined when it is watched already. */
  watch(space: number, key: Buffer): WatchedKey | undefined {
    const name = watchedName({ space, key });
    if (this.#watched.has(name)) return undefined;
    // A copy: the key is a piece of a network buffer.
    const watched: WatchedKey = { space, key: Buffer.from(key), version: undefined, isTouched: false };
    this.#watched.set(name, watched);
    return watched;
  }

  enqueue(command: Command, request: readonly Buffer[]): void {
    this.queue.push({ command, request });
  }

  /** A command could not be queued: EXEC will refuse. */
  spoil(): void {
    if (this.isQueueing) this.#isSpoiled = true;
  }

  /** The one request that EXEC makes; its reply may hold promises. Errors: `EXECABORT`. */
  request(connection: RedisConnection): { readonly mode: 'read' | 'write'; readonly keyRequest: KeyRequest } {
    if (this.#isSpoiled) throw redisErrors.execAbort;
    const run = new TransactionRun(connection, this.queue, this.watched);
    return {
      mode: this.queue.some(({ command }) => isWrite(command)) ? 'write' : 'read',
      keyRequest: {
        space: connection.space,
        keys: this.#keys(connection.space),
        rowsOnly: false,
        isLong: isLong(this.queue.flatMap(({ request }) => request)),
        isRelaxed: connection.isRelaxed,
        run: (unit) => run.go(unit),
        reset: () => run.reset(),
      },
    };
  }

  /** The keys of all queued commands. Where a command changes the database, they are of several: everything waits. */
  #keys(space: number): readonly Buffer[] | 'all' {
    const { watched } = this;
    const keys = watched.map(({ key }) => key);
    for (const { command, request } of this.queue) {
      if (command.name === 'select') return 'all';
      const all = 'allKeys' in command && (typeof command.allKeys === 'function' ? command.allKeys(argumentsOf(command, request)) : command.allKeys === true);
      if (all) return 'all';
      try {
        for (const key of keysOf(command, request)) keys.push(key);
      } catch {
        // A malformed request touches nothing; what is wrong with it, it says when it runs.
      }
    }
    return watched.some((key) => key.space !== space) ? 'all' : keys;
  }
}

/** One execution of a queue: it goes on where it stopped for data, and begins again when the group is repeated. */
class TransactionRun {
  readonly #connection: RedisConnection;
  readonly #queue: readonly Queued[];
  readonly #watched: readonly WatchedKey[];
  readonly #space: number;
  #isUnchanged = false;
  #replies: Reply[] = [];
  /** Up to which command it was looked ahead, and how often. */
  #ahead = { end: 0, looks: 0 };

  constructor(connection: RedisConnection, queue: readonly Queued[], watched: readonly WatchedKey[]) {
    this.#connection = connection;
    this.#queue = queue;
    this.#watched = watched;
    this.#space = connection.space;
  }

  reset(): void {
    this.#replies = [];
    this.#ahead = { end: 0, looks: 0 };
    this.#isUnchanged = false;
    this.#connection.space = this.#space;
  }

  go(unit: Unit): Reply {
    if (!this.#isUnchanged && hasChanged(unit, this.#watched)) return nilArray;
    // From here on its own changes are to be seen.
    this.#isUnchanged = true;
    try {
      while (this.#replies.length < this.#queue.length) {
        this.#replies.push(this.#runOne(unit, this.#queue[this.#replies.length]!));
        unit.commandsEnded += 1;
      }
    } catch (error) {
      if (error === Missing.instance) this.#lookAhead(unit);
      throw error;
    }
    return this.#replies;
  }

  /** What the next commands lack is fetched together: a round trip for each of them would take long. */
  #lookAhead(unit: Unit): void {
    const next = this.#replies.length + 1;
    if (next > this.#ahead.end) this.#ahead = { end: next + redisLimits.commandsAhead, looks: 0 };
    // Some know only what they lack next; but each look costs as much as running them.
    if (this.#ahead.looks === redisLimits.looksAhead) return;
    this.#ahead.looks += 1;
    for (let index = next; index < Math.min(this.#ahead.end, this.#queue.length); index++) {
      const { command, request } = this.#queue[index]!;
      // What follows is about another database.
      if (command.name === 'select') return;
      if ('run' in command && command.allKeys === undefined) unit.lookAhead(() => this.#look(unit, command, request));
    }
  }

  /** What a command that changes keys is asked for is elements that it names: some let the store itself change what it holds. */
  #look(unit: Unit, command: StoreCommand, request: readonly Buffer[]): void {
    const args = argumentsOf(command, request);
    if (!isWrite(command)) return void command.run(this.#context(unit), args);
    const named = command.elements === undefined ? undefined : namedElements(command.group, command.elements(args));
    const [key] = keysOf(command, request);
    if (named === undefined || key === undefined) return;
    const entry = unit.find(this.#connection.space, key);
    if (entry?.kind === named.kind) unit.elementsOf(entry, named.members);
  }

  #context(unit: Unit): KeyContext {
    return { unit, space: this.#connection.space, connection: this.#connection, inTransaction: true };
  }

  #runOne(unit: Unit, { command, request }: Queued): Reply {
    const args = argumentsOf(command, request);
    const connection = this.#connection;
    try {
      if ('local' in command && command.local !== undefined) {
        const { local } = command;
        if (!('ordered' in command)) return local(connection, args) as Reply;
        return new AfterCommit(() => local(connection, args)) as unknown as Reply;
      }
      if (!('run' in command)) return redisErrors.syntax;
      const { space, server } = connection;
      const context = this.#context(unit);
      const keys = keysOf(command, request);
      noteAccesses(command, keys, context);
      if (isBlind(command, args) && server.configuration.tellsOfReplaced) entriesOf(unit, space, keys);
      const reply = runCounting(command, { context, keys, args, statistics: server.statistics });
      return reply instanceof Blocked ? nilArray : reply;
    } catch (error) {
      if (error instanceof Missing) throw error;
      return asRedisError(error);
    }
  }
}

/** Forgets the queue and the watched keys. */
export function endTransaction(connection: RedisConnection): void {
  const { transaction, server } = connection;
  for (const watched of transaction?.watched ?? []) server.watchedKeys.remove(watched);
  connection.transaction = undefined;
}

/** Stands for the reply of a command that others see: it runs once the transaction is committed. */
export class AfterCommit {
  readonly run: () => Reply | Promise<Reply>;
  constructor(run: () => Reply | Promise<Reply>) {
    this.run = run;
  }
}

/** Asks for all of them before it looks at the first. */
function hasChanged(unit: Unit, watched: readonly WatchedKey[]): boolean {
  if (watched.some(({ isTouched }) => isTouched)) return true;
  let missing = false;
  const versions = watched.map(({ space, key }) => {
    try {
      return versionOf(unit, space, key);
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      missing = true;
      return undefined;
    }
  });
  if (missing) throw Missing.instance;
  return versions.some((version, index) => version !== watched[index]!.version);
}

/** Tells one state of a key from another; undefined when there is none. */
export function versionOf(unit: Unit, space: number, key: Buffer): KeyVersion | undefined {
  const entry = unit.find(space, key);
  return entry === undefined ? undefined : entry.version ?? 'changed';
}
