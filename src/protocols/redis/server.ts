// The Redis protocol's server: its listener, its connections, and what they share.

import { randomBytes } from 'node:crypto';
import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Authenticator } from '../../access/authenticator.ts';
import type { SharedTransactions } from '../../access/shared-transactions.ts';
import type { KeyEvent, KeyValue, Message } from '../../facets/keyvalue/index.ts';
import type { Log } from '../../kernel/log.ts';
import { endpointUrl } from '../net/endpoint-url.ts';
import { netLimits } from '../net/limits.ts';
import { Listener } from '../net/listener.ts';
import type { ProtocolObserver } from '../net/protocol-observer.ts';
import type { TlsMaterial } from '../net/tls-material.ts';
import { ClientEviction } from './client-eviction.ts';
import { ClientPause } from './client-pause.ts';
import { Configuration } from './configuration.ts';
import { RedisConnection } from './connection.ts';
import { Dispatcher } from './dispatcher.ts';
import { LatencyMonitor } from './latency-monitor.ts';
import { redisLimits } from './limits.ts';
import { MemoryLimit } from './memory-limit.ts';
import { Monitors } from './monitors.ts';
import type { ClientClass } from './output-limits.ts';
import { OutputQueue } from './output-queue.ts';
import { PubSub } from './pubsub.ts';
import { redacted } from './redact.ts';
import * as registry from './registry.ts';
import type { Reply } from './reply.ts';
import type { RunningRequest } from './running-request.ts';
import { SlowLog } from './slow-log.ts';
import { Statistics } from './statistics.ts';
import { WatchedKeys } from './watched-keys.ts';

export type RedisServerOptions = {
  readonly host: string;
  readonly port: number;
  /** The option that sets the port, for errors. */
  readonly option: string;
  readonly tls: TlsMaterial | undefined;
  readonly keyvalue: KeyValue;
  readonly transactions: SharedTransactions;
  readonly authenticator: Authenticator;
  /** The role of AUTH without a user name; without authentication, of everybody. */
  readonly defaultRole: string;
  readonly requiresAuthentication: boolean;
  readonly log: Log;
  readonly observer: ProtocolObserver;
};

export class RedisServer {
  readonly options: RedisServerOptions;
  readonly keyvalue: KeyValue;
  readonly dispatcher = new Dispatcher(this);
  /** The commands by name, for those that tell of commands. */
  readonly registry = registry;
  readonly configuration: Configuration;
  readonly statistics = new Statistics();
  readonly slowLog: SlowLog;
  readonly latency: LatencyMonitor;
  readonly output = new OutputQueue();
  readonly pubsub = new PubSub();
  readonly monitors = new Monitors();
  readonly pause = new ClientPause();
  readonly memoryLimit: MemoryLimit;
  readonly eviction: ClientEviction;
  readonly watchedKeys = new WatchedKeys();
  /** By id. */
  readonly connections = new Map<number, RedisConnection>();
  readonly startedAtMs = Date.now();
  /** LASTSAVE. */
  savedAtMs = Date.now();
  /** Forty digits that tell this run from others. */
  readonly runId = randomBytes(20).toString('hex');
  #listener: Listener | undefined;
  #timer: NodeJS.Timeout | undefined;
  #nextId = 1;
  #peakMemoryBytes = 0;

  private constructor(options: RedisServerOptions) {
    this.options = options;
    this.keyvalue = options.keyvalue;
    this.configuration = new Configuration({ port: String(options.port), bind: options.host });
    this.slowLog = new SlowLog(this.configuration);
    this.latency = new LatencyMonitor(this.configuration);
    this.memoryLimit = new MemoryLimit(this.configuration, this.keyvalue);
    this.eviction = new ClientEviction({ configuration: this.configuration, connections: this.connections, statistics: this.statistics, log: options.log });
    // As in Redis nothing expires during CLIENT PAUSE, so that the data stands still.
    this.keyvalue.mayFree = () => !this.pause.isOn;
    this.keyvalue.onEvents = (events) => this.#happened(events);
    this.keyvalue.onMessage = ({ kind, channel, payload }) => this.pubsub.deliver(kind, channel, payload);
  }

  /** Errors as `Listener.open`. */
  static async start(options: RedisServerOptions): Promise<RedisServer> {
    const server = new RedisServer(options);
    const { host, port, option, observer, tls } = options;
    const onSocket = (socket: Socket): void => server.#connected(socket);
    const listening: Server =
      tls === undefined
        ? createPlainServer({ noDelay: true, keepAlive: true }, onSocket)
        : createTlsServer({ cert: tls.cert, key: tls.key, handshakeTimeout: netLimits.tlsHandshakeTimeoutMs, noDelay: true }, onSocket);
    // A client whose handshake fails is gone; there is nobody to tell.
    listening.on('tlsClientError', () => {});
    server.#listener = await Listener.open({ protocol: 'redis', server: listening, host, port, option, observer, connections: redisLimits.sockets });
    server.#timer = setInterval(() => server.#tick(), redisLimits.tickMs);
    server.#timer.unref();
    return server;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** Ready to paste into a client. */
  url(user?: string, password?: string): string {
    const { host, tls } = this.options;
    return endpointUrl({ scheme: tls === undefined ? 'redis' : 'rediss', host, port: this.port, user, password });
  }

  /** Answers what is under way, then ends all connections. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.pause.end();
    const closed = this.#listener?.close();
    for (const connection of this.connections.values()) connection.closeAfterReplies();
    await closed;
  }

  cut(): void {
    this.#listener?.cut();
  }

  /** Its string is the size limit of a bulk string, `proto-max-bulk-len`. */
  get bulkBytes(): number {
    return this.configuration.integer('proto-max-bulk-len');
  }

  /** The most that this process's heap has been seen to use. */
  peakMemoryBytes(): number {
    this.#peakMemoryBytes = Math.max(this.#peakMemoryBytes, process.memoryUsage().heapUsed);
    return this.#peakMemoryBytes;
  }

  disconnected(connection: RedisConnection): void {
    this.connections.delete(connection.id);
    this.pubsub.unsubscribeAll(connection);
    this.monitors.remove(connection);
    for (const watched of connection.transaction?.watched ?? []) this.watchedKeys.remove(watched);
    connection.cleanUp();
  }

  /** SAVE and BGSAVE: every acknowledged write is on disk already. */
  save(): void {
    this.savedAtMs = Date.now();
    this.statistics.changes = 0;
  }

  /** A request ran and is answered. */
  requestDone({ connection, command, words, receivedAt, startedAt }: RunningRequest, reply: Reply): void {
    const now = performance.now();
    const milliseconds = now - startedAt;
    const isError = reply instanceof Error;
    this.options.observer.requestDone('redis', { operation: command.name, outcome: isError ? 'error' : 'ok', seconds: (now - receivedAt) / 1_000 });
    this.statistics.ran(command.name, Math.round(milliseconds * 1_000), isError ? reply.message : undefined);
    const threshold = this.configuration.slowMicroseconds;
    // How long a client waited for an element says nothing about the server.
    if (threshold < 0 || milliseconds * 1_000 < threshold || command.flags.includes('blocking')) return;
    this.latency.note(command.flags.includes('fast') ? 'fast-command' : 'command', Math.round(milliseconds));
    if (command.flags.includes('skip_slowlog')) return;
    const microseconds = Math.round(milliseconds * 1_000);
    this.slowLog.note({ microseconds, address: connection.address, clientName: connection.name, request: redacted(command, words) });
  }

  /** A request was refused before it ran; `name` is its command's, if there is one. */
  requestRefused(_connection: RedisConnection, { name, reply }: { readonly name: string | undefined; readonly reply: Error }): void {
    this.statistics.rejected(name, reply.message);
    this.options.observer.requestDone('redis', { operation: name ?? 'unknown', outcome: 'error', seconds: 0 });
  }

  /** Which of `client-output-buffer-limit` concerns a client. */
  classOf(connection: RedisConnection): ClientClass {
    return connection.isSubscriber ? 'pubsub' : 'normal';
  }

  /** Cuts a client whose next output would go beyond its hard limit, before any of it is sent; true when it did. */
  refusesOutput(connection: RedisConnection, nextBytes: number): boolean {
    const { hardBytes } = this.configuration.outputLimits[this.classOf(connection)];
    const bytes = connection.outputBytes + nextBytes;
    if (hardBytes === 0 || bytes < hardBytes) return false;
    this.#cutSlow(connection, bytes);
    return true;
  }

  /** Cuts a client that leaves too much output untaken. */
  checkOutput(connection: RedisConnection): void {
    const { hardBytes, softBytes, softSeconds } = this.configuration.outputLimits[this.classOf(connection)];
    const bytes = connection.outputBytes;
    if (hardBytes > 0 && bytes >= hardBytes) return this.#cutSlow(connection, bytes);
    if (softBytes === 0 || bytes < softBytes) {
      connection.softLimitSinceMs = undefined;
      return;
    }
    connection.softLimitSinceMs ??= Date.now();
    if (Date.now() - connection.softLimitSinceMs > softSeconds * 1_000) this.#cutSlow(connection, bytes);
  }

  #cutSlow(connection: RedisConnection, bytes: number): void {
    this.options.log.warn({ client: connection.address, bytes }, 'a client was disconnected: it left too much output untaken');
    connection.cut();
  }

  #connected(socket: Socket): void {
    this.statistics.connections += 1;
    if (this.connections.size >= this.configuration.integer('maxclients')) {
      this.statistics.rejectedConnections += 1;
      socket.on('error', () => {});
      socket.end('-ERR max number of clients reached\r\n');
      return;
    }
    const keepAliveSeconds = this.configuration.integer('tcp-keepalive');
    if (keepAliveSeconds > 0) socket.setKeepAlive(true, keepAliveSeconds * 1_000);
    const connection = new RedisConnection(this, socket, this.#nextId++);
    this.connections.set(connection.id, connection);
    if (!this.options.requiresAuthentication) connection.become(this.options.defaultRole);
  }

  /** Keyspace notifications, and what WATCH wants to know. */
  #happened(events: readonly KeyEvent[]): void {
    this.watchedKeys.happened(events);
    const { eventClasses } = this.configuration;
    const messages: Message[] = [];
    for (const { space, type, event, key } of events) {
      if (type === 'x') this.statistics.expiredKeys += 1;
      if (type !== 'n' && type !== 'm') this.statistics.changes += 1;
      if (!eventClasses.has(type)) continue;
      if (eventClasses.has('K')) {
        const channel = Buffer.concat([Buffer.from(`__keyspace@${space}__:`), key]);
        messages.push({ kind: 'channel', channel, payload: Buffer.from(event) });
      }
      if (eventClasses.has('E')) messages.push({ kind: 'channel', channel: Buffer.from(`__keyevent@${space}__:${event}`), payload: key });
    }
    for (const { kind, channel, payload } of messages) this.pubsub.deliver(kind, channel, payload);
    if (messages.length > 0) this.keyvalue.messages.forward(messages);
  }

  /** Once a second. */
  #tick(): void {
    this.statistics.tick();
    this.memoryLimit.tick();
    this.eviction.look();
    const timeoutMs = this.configuration.integer('timeout') * 1_000;
    const now = performance.now();
    for (const connection of this.connections.values()) {
      if (connection.outputBytes > 0) this.checkOutput(connection);
      const isIdle = connection.blocking === undefined && !connection.isSubscriber && !connection.isMonitor && connection.outstanding === 0;
      if (timeoutMs > 0 && isIdle && now - connection.lastRequestAt > timeoutMs) connection.cut();
    }
  }
}
