// Wakes clients that wait for a key when another gateway or SQL fills it: who waits has a row in `blocked_keys`, and a
// trigger notifies the gateways that have one. Nothing is asked for and nothing is sent while nobody waits.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../../engine/engine.ts';
import { quoteIdentifier } from '../../engine/quoting.ts';
import { type Connection, statement } from '../../engine/client.ts';
import type { Log } from '../../kernel/log.ts';
import { messageOf } from '../../kernel/errors.ts';
import { keyIdentity } from './key-identity.ts';
import { keyvalueLimits } from './limits.ts';
import { schemaOf } from './space-statements.ts';
import { gatewayLockClass } from './sweep-space.ts';

const holdGatewayLock = statement('select pg_advisory_lock_shared($1, hashtext($2))', ['int4', 'text']);

export type WakeUpsOptions = {
  readonly engine: Engine;
  readonly log: Log;
  /** This gateway's own notification channel. */
  readonly channel: string;
  readonly onReady: (space: number, identity: Buffer) => void;
};

/** A key that clients of this gateway wait for. */
type Expected = {
  readonly space: number;
  readonly identity: Buffer;
  /** How many stores (roles) have such clients. */
  stores: number;
};

/** Transactions that were under way when rows were written: all before `end`, as long as one before it is active. */
type Snapshot = { readonly oldest: bigint; readonly end: bigint };

export class WakeUps {
  readonly #options: WakeUpsOptions;
  readonly #expected = new Map<string, Expected>();
  /** Keys, by name, whose rows are still to be written. */
  readonly #unregistered = new Set<string>();
  #isRegistering = false;
  #listening: Promise<Connection> | undefined;
  #closed = false;

  constructor(options: WakeUpsOptions) {
    this.#options = options;
  }

  /** A client began to wait for a key. */
  expect(space: number, key: Buffer): void {
    const identity = keyIdentity(key);
    const name = nameOf(space, identity);
    const known = this.#expected.get(name);
    if (known !== undefined) {
      known.stores += 1;
      return;
    }
    this.#expected.set(name, { space, identity, stores: 1 });
    this.#unregistered.add(name);
    void this.#registerAll();
  }

  /** The last client of a store stopped waiting for a key. */
  forget(space: number, key: Buffer): void {
    const identity = keyIdentity(key);
    const name = nameOf(space, identity);
    const known = this.#expected.get(name);
    if (known === undefined) return;
    known.stores -= 1;
    if (known.stores > 0) return;
    this.#expected.delete(name);
    this.#unregister(space, identity);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const connection = await this.#listening?.catch(() => undefined);
    await connection?.close();
  }

  #unregister(space: number, identity: Buffer): void {
    const { engine, channel } = this.#options;
    const name = nameOf(space, identity);
    void engine.systemPool
      .query(`delete from ${schemaOf(space)}.blocked_keys where id = $1 and gateway = $2`, [identity, channel])
      .then(() => {
        if (!this.#expected.has(name)) return;
        // A client that began to wait meanwhile needs its row back.
        this.#unregistered.add(name);
        void this.#registerAll();
      })
      .catch(() => {}); // What stays behind costs notifications that nobody needs, until this gateway ends.
  }

  /** Writes the rows that are due, those of many clients at once; while PostgreSQL is away, again and again. */
  async #registerAll(): Promise<void> {
    if (this.#isRegistering) return;
    this.#isRegistering = true;
    while (this.#unregistered.size > 0 && !this.#closed) {
      const names = [...this.#unregistered];
      this.#unregistered.clear();
      try {
        await this.#register(names.flatMap((name) => this.#expected.get(name) ?? []));
      } catch (error) {
        if (this.#closed) break;
        this.#options.log.warn({ error: messageOf(error) }, 'waiting clients could not be registered yet');
        for (const name of names) this.#unregistered.add(name);
        await sleep(keyvalueLimits.registerRetryMs, undefined, { ref: false });
      }
    }
    this.#isRegistering = false;
  }

  async #register(keys: readonly Expected[]): Promise<void> {
    const { engine, channel } = this.#options;
    await this.#listen();
    for (const space of new Set(keys.map((key) => key.space))) {
      const ofSpace = keys.filter((key) => key.space === space);
      await engine.systemPool.query(
        `insert into ${schemaOf(space)}.blocked_keys (id, gateway) select unnest($1::bytea[]), $2 on conflict do nothing`,
        [ofSpace.map(({ identity }) => identity), channel],
      );
    }
    // Who stopped waiting while its row was on the way may have removed it before it was there.
    for (const { space, identity } of keys) if (!this.#expected.has(nameOf(space, identity))) this.#unregister(space, identity);
    const { oldest, end } = await this.#snapshot();
    // What was committed between the look that found nothing and the row would not have been told.
    this.#lookAt(keys);
    if (oldest < end) void this.#lookAgain(keys, end).catch(() => {});
  }

  /** A transaction that filled a key before it could see the row says nothing: keys are looked at when all such have ended. */
  async #lookAgain(keys: readonly Expected[], end: bigint): Promise<void> {
    for (let pauseMs: number = keyvalueLimits.lookAgainMs; ; pauseMs = Math.min(pauseMs * 2, keyvalueLimits.lookAgainMsMax)) {
      await sleep(pauseMs, undefined, { ref: false });
      const waited = keys.filter((key) => this.#expected.get(nameOf(key.space, key.identity)) === key);
      if (waited.length === 0 || this.#closed) return;
      const { oldest } = await this.#snapshot();
      if (oldest >= end) return this.#lookAt(waited);
    }
  }

  #lookAt(keys: readonly Expected[]): void {
    for (const { space, identity } of keys) this.#options.onReady(space, identity);
  }

  async #snapshot(): Promise<Snapshot> {
    const [row] = await this.#options.engine.systemPool.query<{ oldest: string; end: string }>(
      `select pg_snapshot_xmin(now)::text as oldest, pg_snapshot_xmax(now)::text as "end" from pg_current_snapshot() as now`,
    );
    return { oldest: BigInt(row!.oldest), end: BigInt(row!.end) };
  }

  #listen(): Promise<Connection> {
    this.#listening ??= this.#openListener().catch((error: unknown) => {
      this.#listening = undefined;
      throw error;
    });
    return this.#listening;
  }

  async #openListener(): Promise<Connection> {
    const { engine, channel, onReady } = this.#options;
    const connection = await engine.connect(engine.ownRole);
    connection.onNotification = (_channel, payload) => {
      const { ready, id } = JSON.parse(payload) as { ready: string; id: string };
      onReady(Number(ready.slice('keyspace'.length)), Buffer.from(id, 'base64'));
    };
    connection.onLost = () => {
      this.#listening = undefined;
      // Rows in an unlogged table may be gone, and notifications were missed.
      for (const name of this.#expected.keys()) this.#unregistered.add(name);
      void this.#registerAll();
    };
    await connection.command(`listen ${quoteIdentifier(channel)}`);
    // While it is held the sweeper leaves this gateway's rows alone.
    await connection.execute([{ statement: holdGatewayLock, values: [gatewayLockClass, channel] }]);
    return connection;
  }
}

function nameOf(space: number, identity: Buffer): string {
  return `${space}:${identity.toString('latin1')}`;
}
