// Keys and values: one store for all protocols. A principal gets a `KeyStore`, whose requests are grouped across
// connections; what concerns several gateways or SQL (clients that wait) goes through PostgreSQL.

import { randomUUID } from 'node:crypto';
import type { Engine } from '../../engine/engine.ts';
import { Grouper } from '../../engine/group.ts';
import type { GroupKind } from '../../engine/group-kind.ts';
import type { Done, Origin } from '../../engine/group-request.ts';
import { keyLookupParameters } from '../../engine/key-lookup-parameters.ts';
import type { EngineObserver } from '../../engine/observer.ts';
import type { StoreTransaction } from '../../engine/store-transaction.ts';
import type { Connection } from '../../engine/client.ts';
import { statement } from '../../engine/client.ts';
import { isFacetError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { BlockedClients, type Waiter } from './blocked-clients.ts';
import type { Entry } from './entry.ts';
import { type GroupContext, executeGroup } from './execute-group.ts';
import { executeWithin } from './execute-within.ts';
import { KeyAccesses } from './key-accesses.ts';
import { keyvalueLimits } from './limits.ts';
import { KnownKeys } from './known-keys.ts';
import { KeyMappings } from './mapped/key-mappings.ts';
import { type Message, Messages } from './messages.ts';
import { ReferenceBlock } from './reference-block.ts';
import { readStoredBytes } from './stored-bytes.ts';
import type { KeyEvent } from './key-events.ts';
import type { KeyRequest } from './key-request.ts';
import { type EndOfSweep, Sweeper } from './sweeper.ts';
import { WakeUps } from './wake-ups.ts';

export type KeyValueOptions = {
  readonly engine: Engine;
  readonly observer: EngineObserver;
  readonly log: Log;
};

const readNow = statement('select facetdb.now_ms()');

export class KeyValue {
  readonly #options: KeyValueOptions;
  readonly #stores = new Map<string, KeyStore>();
  readonly #references = new ReferenceBlock();
  readonly #spaces = new Map<number, Promise<void>>([[0, Promise.resolve()]]);
  readonly #prepared = new Set([0]);
  readonly #wakeUps: WakeUps;
  readonly #sweeper: Sweeper;
  readonly #mappings: KeyMappings;
  #clockOffsetMs = 0;

  /** Receives what happens to keys through this gateway, after it is committed. */
  onEvents: ((events: readonly KeyEvent[]) => void) | undefined;
  /** False while keys that have expired are to stay in the store, unseen. */
  mayFree: () => boolean = () => true;
  /** Receives what other gateways and SQL publish, once `messages.subscribe` was called. */
  onMessage: ((message: Message) => void) | undefined;
  readonly messages: Messages;
  /** When keys were last looked at. */
  readonly accesses = new KeyAccesses();

  constructor(options: KeyValueOptions) {
    this.#options = options;
    const gateway = `facetdb_${randomUUID().replaceAll('-', '')}`;
    this.messages = new Messages({ engine: options.engine, log: options.log, gateway, onMessage: (message) => this.onMessage?.(message) });
    this.#mappings = new KeyMappings(options.engine, options.log);
    this.#sweeper = new Sweeper({ engine: options.engine, log: options.log, mayFree: () => this.mayFree(), onEvents: (events) => this.onEvents?.(events), onSweep: () => this.#beginSweep() });
    this.#wakeUps = new WakeUps({
      engine: options.engine,
      log: options.log,
      channel: gateway,
      onReady: (space, identity) => {
        for (const store of this.#stores.values()) store.tryWaiters(space, identity);
      },
    });
  }

  /** Begins to free what has expired, and to look which keys stand for rows. */
  start(): void {
    this.#sweeper.start();
    this.#mappings.start();
  }

  /** The store as `role` may use it. */
  store(role: string): KeyStore {
    let store = this.#stores.get(role);
    if (store === undefined) {
      store = new KeyStore({
        connect: () => this.#connect(role),
        observer: this.#options.observer,
        references: this.#references,
        nowMs: () => Date.now() + this.#clockOffsetMs,
        onEvents: (events) => this.onEvents?.(events),
        mayFree: () => this.mayFree(),
        wakeUps: this.#wakeUps,
        mappings: this.#mappings,
        remembers: this.#options.engine.tellsSnapshots,
      });
      this.#stores.set(role, store);
    }
    return store;
  }

  /** Sweeping changes only what is there no longer for anybody: what is remembered stays true. */
  #beginSweep(): EndOfSweep {
    const ends = [...this.#stores.values()].map((store) => store.beginSweep());
    return (space, expired, transaction) => {
      for (const end of ends) end(space, expired, transaction);
    };
  }

  /** True when `prepareSpace` has nothing left to do. */
  isPrepared(space: number): boolean {
    return this.#prepared.has(space);
  }

  /** Tells the engine what `role` has just authenticated with. See `Engine.learnSecret`. */
  learnSecret(role: string, secret: Parameters<Engine['learnSecret']>[1]): void {
    this.#options.engine.learnSecret(role, secret);
  }

  /** When what readers have found expired so far is out of the store, or was left to the sweeper. */
  async freed(): Promise<void> {
    await Promise.all([...this.#stores.values()].map((store) => store.freed()));
  }

  /** What keys take in the store, roughly. */
  storedBytes(): Promise<number> {
    return readStoredBytes(this.#options.engine.systemPool);
  }

  /** Makes sure that a keyspace exists; `SELECT` calls it. */
  async prepareSpace(space: number): Promise<void> {
    let prepared = this.#spaces.get(space);
    if (prepared === undefined) {
      prepared = this.#createSpace(space);
      this.#spaces.set(space, prepared);
      prepared.catch(() => this.#spaces.delete(space));
    }
    await prepared;
    this.#prepared.add(space);
  }

  async close(): Promise<void> {
    await this.#sweeper.close();
    await this.#mappings.close();
    await Promise.all([...this.#stores.values()].map((store) => store.close()));
    await this.#wakeUps.close();
    await this.messages.close();
  }

  async #createSpace(space: number): Promise<void> {
    await this.#options.engine.systemPool.transaction({ isolation: 'read committed' }, async (transaction) => {
      await transaction.command(`select pg_advisory_xact_lock(hashtext('facetdb.create_keyspace'))`);
      await transaction.command(`call facetdb.create_keyspace(${space})`);
    });
  }

  async #connect(role: string): Promise<Connection> {
    const connection = await this.#options.engine.connect(role, undefined, keyLookupParameters);
    await this.#readClock(connection);
    return connection;
  }

  /** Expiry goes by the store's clock, which several gateways share. */
  async #readClock(connection: Connection): Promise<void> {
    const before = Date.now();
    let store = before;
    await connection.execute([{ statement: readNow, values: [], onRow: (row) => (store = row.safeInteger(0)) }]);
    const after = Date.now();
    // Within the time that asking took, the clocks agree as far as can be told.
    if (store < before || store > after) this.#clockOffsetMs = store - Math.round((before + after) / 2);
  }
}

/** Whose order holds: one client connection. */
export type KeyOrigin = Origin;

type KeyStoreOptions = {
  readonly connect: () => Promise<Connection>;
  readonly observer: EngineObserver;
  readonly references: ReferenceBlock;
  readonly nowMs: () => number;
  readonly onEvents: (events: readonly KeyEvent[]) => void;
  readonly mayFree: () => boolean;
  readonly wakeUps: WakeUps;
  readonly mappings: KeyMappings;
  /** Rows of keys may be remembered: the engine tells which transactions have ended. */
  readonly remembers: boolean;
};

/** Answered with the reply, or with the error that the request as a whole ended with. See `Done`. */
export type KeyReply<Request extends KeyRequest> = Done<Request, unknown>;

export class KeyStore {
  readonly #grouper: Grouper;
  readonly #blocked: BlockedClients;
  readonly #known: KnownKeys | undefined;
  /** Expired keys that are being taken out of the store. */
  readonly #freeing = new Map<string, Promise<void>>();
  readonly #contexts: Readonly<Record<'read' | 'write', GroupContext>>;
  readonly nowMs: () => number;

  constructor(options: KeyStoreOptions) {
    const { connect, observer, references, nowMs, onEvents, mayFree, wakeUps, mappings, remembers } = options;
    this.nowMs = nowMs;
    const onExpired = (entries: readonly Entry[]): void => {
      if (mayFree()) for (const { space, key, name } of entries) this.#free(space, key, name);
    };
    this.#blocked = new BlockedClients({
      onFirst: (space, key) => wakeUps.expect(space, key),
      onLast: (space, key) => wakeUps.forget(space, key),
    });
    const known = remembers ? new KnownKeys() : undefined;
    this.#known = known;
    const context = { nowMs, references, blocked: this.#blocked, mappings, known, onEvents, onExpired };
    this.#contexts = { read: { ...context, mode: 'read', isApart: false }, write: { ...context, mode: 'write', isApart: false } };
    const run = (mode: 'read' | 'write'): GroupKind<KeyRequest, unknown>['run'] => {
      const shared = this.#contexts[mode];
      // What is remembered is for many small reads.
      const apart = { ...shared, isApart: true, known: mode === 'read' ? undefined : known };
      return (connection, requests, isApart) => executeGroup(connection, requests, isApart ? apart : shared);
    };
    const { groupSize: size, longLanes } = keyvalueLimits;
    const kinds: readonly GroupKind<KeyRequest, unknown>[] = [
      // What is remembered costs PostgreSQL the same for one key as for many: then few large groups are the best.
      { name: 'read', lanes: 2, longLanes, size, run: run('read'), mayOverlap: () => known?.answersMost !== true },
      // Who waits for a key may be served by any group, and is then given keys that its request did not name.
      { name: 'write', lanes: 2, longLanes, size, run: run('write'), touches: keyNames, mayOverlap: () => this.#blocked.isEmpty },
    ];
    const connectAnew = async (): Promise<Connection> => {
      const connection = await connect();
      known?.reset();
      return connection;
    };
    this.#grouper = new Grouper(kinds as unknown as GroupKind<never, unknown>[], { connect: connectAnew, observer });
  }

  origin(): Origin {
    return this.#grouper.origin();
  }

  /** Asks for one request; a read joins the writes of its origin that are under way, to stay in order. */
  submit<Request extends KeyRequest>(origin: Origin, mode: 'read' | 'write', request: Request, done: KeyReply<Request>): void {
    const joinsWrites = mode === 'read' && request.committedOnly !== true && origin.outstanding > 0 && origin.kind === 'write' && origin.parked.length === 0;
    this.#grouper.submit(origin, joinsWrites ? 'write' : mode, request, done);
  }

  /** Asks for one request within a transaction, after what was asked of that before. */
  submitWithin<Request extends KeyRequest>(transaction: StoreTransaction, mode: 'read' | 'write', request: Request, done: KeyReply<Request>): void {
    executeWithin(transaction, request, this.#contexts[mode]).then((reply) => done(undefined, reply, request), (error: Error) => done(error, undefined, request));
  }

  /** What has expired is about to be freed. */
  beginSweep(): EndOfSweep {
    const known = this.#known;
    if (known === undefined) return () => {};
    const change = known.beginChange([]);
    return (space, expired, transaction) => known.endChange(change, transaction, expired.map((key) => ({ space, name: key.toString('latin1') })));
  }

  /** Gives up waiting. False when an answer is under way: it comes, or its group fails and the client waits on. */
  stopWaiting(waiter: Waiter): boolean {
    return !waiter.isClaimed && this.#blocked.remove(waiter);
  }

  /** The client of a request that may wait is gone. */
  abandon(waiter: Waiter): void {
    waiter.isAbandoned = true;
    this.stopWaiting(waiter);
  }

  /** Lets who waits for a key look again: it may have become ready through SQL or another gateway. */
  tryWaiters(space: number, identity: Buffer): void {
    const key = this.#blocked.keyOf(space, identity);
    if (key === undefined) return;
    const request: KeyRequest = {
      space,
      keys: [key],
      rowsOnly: false,
      run: (unit) => {
        const entry = unit.find(space, key);
        if (entry !== undefined) unit.ready.add(entry);
        return undefined;
      },
    };
    this.#grouper.submit(this.#grouper.origin(), 'write', request, (error) => {
      // PostgreSQL was away: whoever waits must not wait longer for that.
      if (!isFacetError(error, 'connection_lost') && !isFacetError(error, 'engine_unavailable')) return;
      setTimeout(() => this.tryWaiters(space, identity), keyvalueLimits.registerRetryMs).unref();
    });
  }

  /** When what readers have found expired so far is out of the store, or was left to the sweeper. */
  async freed(): Promise<void> {
    await Promise.all(this.#freeing.values());
  }

  async close(): Promise<void> {
    await this.#grouper.close();
  }

  /**
   * Takes a key out of the store that a reader found expired, as Redis does, rather than when the sweeper comes by. A role
   * that may only read cannot, and leaves it to that.
   */
  #free(space: number, key: Buffer, name: string): void {
    const id = `${space}:${name}`;
    if (this.#freeing.has(id)) return;
    const request: KeyRequest = { space, keys: [key], rowsOnly: true, run: (unit) => void unit.find(space, key) };
    const freed = new Promise<void>((resolve) => this.#grouper.submit(this.#grouper.origin(), 'write', request, () => resolve()));
    this.#freeing.set(id, freed);
    void freed.then(() => this.#freeing.delete(id));
  }
}

/** What a request touches. A key of one space that is called like another's only makes one wait for the other. */
function keyNames({ space, keys }: KeyRequest): readonly string[] | 'all' {
  if (keys === 'all') return keys;
  return space === 0 ? keys.map((key) => key.toString('latin1')) : keys.map((key) => `${space}:${key.toString('latin1')}`);
}
