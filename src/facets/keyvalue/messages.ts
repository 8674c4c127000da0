// Published messages between the gateways of one store. Who publishes delivers to its own clients itself; others get
// messages by PostgreSQL's notifications, which are only sent while a gateway elsewhere has subscribers. SQL publishes
// with `facetdb.publish`.

import type { Connection } from '../../engine/client.ts';
import type { Engine } from '../../engine/engine.ts';
import { FacetError, messageOf } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { keyvalueLimits } from './limits.ts';

export type Message = { readonly kind: 'channel' | 'shard'; readonly channel: Buffer; readonly payload: Buffer };

export type MessagesOptions = {
  readonly engine: Engine;
  readonly log: Log;
  /** This gateway's name, unique in the store. */
  readonly gateway: string;
  /** A message from another gateway, or from SQL. */
  readonly onMessage: (message: Message) => void;
};

type Waiting = { readonly message: Message; readonly sent: () => void };

const readOthers = `select count(*)::int4 as others from facetdb.subscribed_gateways as subscribed
  join pg_stat_activity as activity on activity.pid = subscribed.backend where subscribed.gateway <> $1`;
const subscribe = `insert into facetdb.subscribed_gateways (gateway, backend) values ($1, $2)
  on conflict (gateway) do update set backend = excluded.backend`;
const send = 'select facetdb.send_message($1, kind, channel, payload) from unnest($2::text[], $3::bytea[], $4::bytea[]) as sent (kind, channel, payload)';
const readLong = 'select channel, payload from facetdb.long_messages where number = $1';

export class Messages {
  readonly #options: MessagesOptions;
  #listening: Promise<Connection> | undefined;
  #isSubscribed: Promise<void> | undefined;
  /** Whether gateways elsewhere have subscribers; undefined: not known (yet). */
  #othersListen: boolean | undefined;
  #queue: Waiting[] = [];
  #sending = false;
  /** Long messages are fetched: those that follow wait for their turn. */
  #arrivals: Promise<void> = Promise.resolve();
  #fetching = 0;
  #closed = false;

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  /** Has to have resolved before a client is told that it subscribes. */
  subscribe(): Promise<void> {
    this.#isSubscribed ??= this.#announce().catch((error: unknown) => {
      this.#isSubscribed = undefined;
      throw error;
    });
    return this.#isSubscribed;
  }

  /** True once `subscribe` has nothing left to do. */
  get isSubscribed(): boolean {
    return this.#isReady;
  }
  #isReady = false;

  /**
   * Sends a message to other gateways, in the order of the calls. Undefined when none of them has subscribers;
   * otherwise resolves when it is on its way.
   */
  publish(message: Message): Promise<void> | undefined {
    if (this.#othersListen === false) return undefined;
    if (this.#queue.length >= keyvalueLimits.messagesWaiting) throw new FacetError('limit_exceeded', `${this.#queue.length} messages wait for PostgreSQL`);
    return new Promise((resolve) => {
      this.#queue.push({ message, sent: resolve });
      void this.#send();
    });
  }

  /** As `publish`, for messages that nobody waits for. */
  forward(messages: readonly Message[]): void {
    if (this.#othersListen === false || this.#queue.length + messages.length > keyvalueLimits.messagesWaiting) return;
    for (const message of messages) this.#queue.push({ message, sent: () => {} });
    void this.#send();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const { engine, gateway } = this.#options;
    const connection = await this.#listening?.catch(() => undefined);
    if (this.#isReady) await engine.systemPool.query('delete from facetdb.subscribed_gateways where gateway = $1', [gateway]).catch(() => {});
    await connection?.close();
  }

  async #announce(): Promise<void> {
    const { engine, gateway } = this.#options;
    const connection = await this.#listen();
    await connection.command('listen facetdb_messages');
    await engine.systemPool.query(subscribe, [gateway, connection.processId]);
    await engine.systemPool.query(`select pg_notify('facetdb_gateways', '')`);
    this.#isReady = true;
  }

  #listen(): Promise<Connection> {
    this.#listening ??= this.#openListener().catch((error: unknown) => {
      this.#listening = undefined;
      throw error;
    });
    return this.#listening;
  }

  async #openListener(): Promise<Connection> {
    const { engine, log } = this.#options;
    const connection = await engine.connect(engine.ownRole);
    connection.onNotification = (channel, payload) => {
      if (channel === 'facetdb_messages') return this.#arrived(payload);
      this.#othersListen = undefined;
      this.#findOthers().catch(() => {});
    };
    connection.onLost = () => {
      this.#listening = undefined;
      this.#othersListen = undefined;
      const wasSubscribed = this.#isReady;
      this.#isReady = false;
      this.#isSubscribed = undefined;
      if (this.#closed || !wasSubscribed) return;
      this.subscribe().catch((error: unknown) => log.warn({ error: messageOf(error) }, 'messages from other gateways cannot be received'));
    };
    await connection.command('listen facetdb_gateways');
    return connection;
  }

  /** A gateway joined or left, or nothing is known yet. */
  async #findOthers(): Promise<boolean> {
    const { engine, gateway } = this.#options;
    await this.#listen();
    const [row] = await engine.systemPool.query<{ others: number }>(readOthers, [gateway]);
    this.#othersListen = (row?.others ?? 0) > 0;
    return this.#othersListen;
  }

  /** One statement at a time, so that messages keep their order. */
  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    const { engine, gateway, log } = this.#options;
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, keyvalueLimits.groupSize);
      try {
        if (this.#othersListen ?? (await this.#findOthers())) {
          const messages = batch.map(({ message }) => message);
          await engine.systemPool.query(send, [
            gateway,
            messages.map(({ kind }) => kind),
            messages.map(({ channel }) => channel),
            messages.map(({ payload }) => payload),
          ]);
        }
      } catch (error) {
        // Published messages are fire-and-forget, in Redis too.
        if (!this.#closed) log.warn({ error: messageOf(error), messages: batch.length }, 'messages could not be sent to other gateways');
      }
      for (const { sent } of batch) sent();
    }
    this.#sending = false;
  }

  #arrived(notification: string): void {
    const [origin, number, kind, channel = '', payload] = notification.split('|');
    if (origin === this.#options.gateway) return;
    const known = kind === 'shard' ? 'shard' : 'channel';
    if (payload !== undefined && this.#fetching === 0) {
      return this.#options.onMessage({ kind: known, channel: Buffer.from(channel, 'base64'), payload: Buffer.from(payload, 'base64') });
    }
    this.#fetching += 1;
    this.#arrivals = this.#arrivals.then(async () => {
      try {
        if (payload === undefined) await this.#deliverLong(known, number!);
        else this.#options.onMessage({ kind: known, channel: Buffer.from(channel, 'base64'), payload: Buffer.from(payload, 'base64') });
      } catch (error) {
        this.#options.log.warn({ error: messageOf(error) }, 'a message could not be fetched');
      } finally {
        this.#fetching -= 1;
      }
    });
  }

  async #deliverLong(kind: Message['kind'], number: string): Promise<void> {
    const [row] = await this.#options.engine.systemPool.query<{ channel: Buffer; payload: Buffer }>(readLong, [number]);
    if (row !== undefined) this.#options.onMessage({ kind, ...row });
  }
}
