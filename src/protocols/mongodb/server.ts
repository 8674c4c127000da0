// The MongoDB protocol's server: its listener, its connections, and what they share.

import { randomBytes } from 'node:crypto';
import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Authenticator } from '../../access/authenticator.ts';
import type { SharedTransactions } from '../../access/shared-transactions.ts';
import type { DocumentsApi } from '../../facets/documents/index.ts';
import type { Log } from '../../kernel/log.ts';
import { endpointUrl } from '../net/endpoint-url.ts';
import { netLimits } from '../net/limits.ts';
import { Listener } from '../net/listener.ts';
import type { ProtocolObserver } from '../net/protocol-observer.ts';
import type { TlsMaterial } from '../net/tls-material.ts';
import { LogicalClock } from './clock.ts';
import type { MongodbClient } from './client.ts';
import { MongodbConnection } from './connection.ts';
import { Cursors } from './cursors.ts';
import { Dispatcher } from './dispatcher.ts';
import { FailPoints } from './fail-points.ts';
import { mongodbLimits } from './limits.ts';
import { NamespaceTimes } from './namespace-times.ts';
import { ServerCounters } from './server-counters.ts';
import { Sessions } from './sessions.ts';
import { Snapshots } from './snapshots.ts';

export type MongodbServerOptions = {
  readonly host: string;
  readonly port: number;
  /** The option that sets the port, for errors. */
  readonly option: string;
  readonly tls: TlsMaterial | undefined;
  readonly documents: DocumentsApi;
  readonly transactions: SharedTransactions;
  readonly authenticator: Authenticator;
  /** Without authentication, the role of everybody. */
  readonly defaultRole: string;
  readonly requiresAuthentication: boolean;
  /** Allows configureFailPoint. */
  readonly testCommands: boolean;
  readonly log: Log;
  readonly observer: ProtocolObserver;
};

export class MongodbServer {
  readonly options: MongodbServerOptions;
  readonly documents: DocumentsApi;
  readonly dispatcher = new Dispatcher(this);
  readonly counters = new ServerCounters();
  readonly sessions = new Sessions(this.counters.transactions);
  readonly cursors = new Cursors();
  readonly snapshots = new Snapshots();
  readonly clock = new LogicalClock();
  readonly times = new NamespaceTimes();
  /** Undefined where fail points are not allowed. */
  readonly failPoints: FailPoints | undefined;
  /** By id. */
  readonly connections = new Map<number, MongodbConnection>();
  readonly startedAtMs = Date.now();
  /** Tells this run from others, in hello's `topologyVersion`. */
  readonly processId = randomBytes(12);
  #listener: Listener | undefined;
  readonly #timer: NodeJS.Timeout;
  #nextId = 1;
  #nextOperationId = 1;
  #connectionsMade = 0;

  /** It serves commands of this process at once, and connections once it listens. */
  constructor(options: MongodbServerOptions) {
    this.options = options;
    this.documents = options.documents;
    this.failPoints = options.testCommands ? new FailPoints() : undefined;
    this.#timer = setInterval(() => void this.#tick(), mongodbLimits.tickMs);
    this.#timer.unref();
  }

  /** Errors as `Listener.open`. */
  async listen(): Promise<void> {
    const { host, port, option, observer, tls } = this.options;
    const onSocket = (socket: Socket): void => this.#connected(socket);
    const listening: Server =
      tls === undefined
        ? createPlainServer({ noDelay: true, keepAlive: true }, onSocket)
        : createTlsServer({ cert: tls.cert, key: tls.key, handshakeTimeout: netLimits.tlsHandshakeTimeoutMs, noDelay: true }, onSocket);
    // A client whose handshake fails is gone; there is nobody to tell.
    listening.on('tlsClientError', () => {});
    this.#listener = await Listener.open({ protocol: 'mongodb', server: listening, host, port, option, observer, connections: mongodbLimits.sockets });
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** Since the start, those that are closed too. */
  get connectionsMade(): number {
    return this.#connectionsMade;
  }

  /** Ready to paste into a client. */
  url(user?: string, password?: string): string {
    const { host, tls } = this.options;
    const parameters = { directConnection: 'true', ...(tls === undefined ? {} : { tls: 'true' }) };
    return endpointUrl({ scheme: 'mongodb', host, port: this.port, user, password, path: '', parameters });
  }

  nextOperationId(): number {
    this.#nextOperationId = (this.#nextOperationId + 1) & 0x7fff_ffff;
    return this.#nextOperationId;
  }

  /** Answers what is under way, then ends all connections. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const closed = this.#listener?.close();
    for (const connection of this.connections.values()) connection.closeAfterReplies();
    await closed;
    await this.cursors.closeAll();
    await this.snapshots.closeAll();
    await this.sessions.close();
  }

  cut(): void {
    this.#listener?.cut();
  }

  disconnected(connection: MongodbConnection): void {
    this.connections.delete(connection.id);
  }

  /** Without authentication a client is a superuser from the beginning. */
  signOut(client: MongodbClient): void {
    const { requiresAuthentication, defaultRole } = this.options;
    client.role = requiresAuthentication ? undefined : defaultRole;
    client.isSuperuser = !requiresAuthentication;
  }

  #connected(socket: Socket): void {
    this.#connectionsMade += 1;
    const connection = new MongodbConnection(this, socket, this.#nextId++);
    this.connections.set(connection.id, connection);
    this.signOut(connection);
  }

  async #tick(): Promise<void> {
    try {
      await this.cursors.reap();
      await this.sessions.reap();
      await this.snapshots.reap();
    } catch (error) {
      this.options.log.warn({ err: error }, 'what was abandoned could not be freed');
    }
  }
}
