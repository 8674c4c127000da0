// Listening on a TCP port: a taken port becomes a clear error, connections are counted and bounded, and closing lets them
// finish. It works on any server of Node's (net, tls, http, https), which hands its sockets on to the protocol.

import { once } from 'node:events';
import { type AddressInfo, isIPv6, type Server, type Socket } from 'node:net';
import { FacetError, messageOf, systemErrorCode } from '../../kernel/errors.ts';
import { netLimits } from './limits.ts';
import type { ProtocolObserver } from './protocol-observer.ts';

export type ListenerOptions = {
  /** Names the connections in metrics. */
  readonly protocol: string;
  /** Not listening yet. */
  readonly server: Server;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** The option that sets the port, for the error's text: `--http-port`. */
  readonly option: string;
  readonly observer: ProtocolObserver;
  readonly connections?: number;
};

export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #options: ListenerOptions;

  private constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = options.server;
    this.#server.maxConnections = options.connections ?? netLimits.connections;
    // A TLS server says "connection" before the handshake: who never finishes it counts as well.
    this.#server.on('connection', (socket: Socket) => this.#count(socket));
  }

  /** Errors: `port_taken`; `configuration_invalid` for an address that this machine does not have, or a port it may not use. */
  static async open(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    const { server, host, port } = options;
    try {
      // As PostgreSQL does: an IPv6 address is not an IPv4 one as well.
      server.listen({ host, port, backlog: netLimits.backlog, ipv6Only: isIPv6(host) });
      await once(server, 'listening');
    } catch (error) {
      throw listenError(error, options);
    }
    return listener;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The connections that are open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  /**
   * Accepts no more connections and resolves when all have ended. Those still open after `drainTimeoutMs` are cut.
   * Ending the idle ones is the protocol's affair, who knows which they are.
   */
  async close({ drainTimeoutMs = netLimits.drainTimeoutMs }: { drainTimeoutMs?: number } = {}): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    const timer = setTimeout(() => this.cut(), drainTimeoutMs);
    await closed;
    clearTimeout(timer);
    // The last sockets say that they are closed only after the server did.
    await Promise.all([...this.#sockets].map((socket) => once(socket, 'close')));
  }

  /** Ends every connection at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #count(socket: Socket): void {
    const { observer, protocol } = this.#options;
    this.#sockets.add(socket);
    observer.connectionOpened(protocol);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      observer.connectionClosed(protocol);
    });
  }
}

function listenError(error: unknown, { host, port, option }: ListenerOptions): FacetError {
  switch (systemErrorCode(error)) {
    case 'EADDRINUSE':
      return new FacetError('port_taken', `another program listens on port ${port} of ${host}; choose another port with ${option} (0 picks a free one, off goes without)`, { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new FacetError('configuration_invalid', `this user may not listen on port ${port}; choose one above 1023 with ${option}`, { cause: error });
    case 'EADDRNOTAVAIL':
      return new FacetError('configuration_invalid', `${host} is not an address of this machine; choose another with --host`, { cause: error });
    default:
      return new FacetError('configuration_invalid', `cannot listen on port ${port} of ${host} (${messageOf(error)}); see --host and ${option}`, { cause: error });
  }
}
