// The port of SQL clients whose transactions others may join: it only listens; what happens on a connection is the engine's
// affair, as PostgreSQL itself answers.

import { createServer, type Socket } from 'node:net';
import { Listener } from '../net/listener.ts';
import type { ProtocolObserver } from '../net/protocol-observer.ts';

export type RelayEndpointOptions = {
  readonly host: string;
  readonly port: number;
  /** The option that sets the port, for errors. */
  readonly option: string;
  readonly observer: ProtocolObserver;
  readonly accept: (client: Socket) => void;
};

export class RelayEndpoint {
  readonly #listener: Listener;

  private constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** Errors as `Listener.open`. */
  static async start({ accept, ...options }: RelayEndpointOptions): Promise<RelayEndpoint> {
    const server = createServer({ noDelay: true, keepAlive: true }, accept);
    return new RelayEndpoint(await Listener.open({ ...options, protocol: 'postgres', server }));
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Ends every connection: a session's client is not asked when it is done. */
  async close(): Promise<void> {
    this.#listener.cut();
    await this.#listener.close();
  }

  cut(): void {
    this.#listener.cut();
  }
}
