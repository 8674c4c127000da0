// Lets SQL clients share their open transactions: they connect through FacetDB instead of to PostgreSQL itself, log in to
// PostgreSQL as ever (what they prove passes unread), and `facetdb.share_transaction()` gives them a token. Each session has a
// secret, which PostgreSQL knows as the run-time parameter `facetdb.relay`.

import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Log } from '../../kernel/log.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { StoreTransaction } from '../store-transaction.ts';
import { type Address, connectSocket } from '../wire/socket.ts';
import { RelaySession } from './relay-session.ts';
import { readStartup, withParameter } from './startup.ts';

const secretBytes = 32;
const connectTimeoutMs = 10_000;
const startupTimeoutMs = 60_000;

export type RelayOptions = {
  /** Where PostgreSQL lets clients in as it lets in all: not by the private socket. */
  readonly address: Address;
  readonly tls: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined;
  readonly log: Log;
};

export class Relay {
  readonly #options: RelayOptions;
  readonly #sessions = new Map<string, RelaySession>();

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Serves a client that has just connected. */
  accept(client: Socket): void {
    client.on('error', () => client.destroy());
    const timer = setTimeout(() => client.destroy(), startupTimeoutMs);
    this.#begin(client).catch((error: unknown) => {
      this.#options.log.debug({ error: messageOf(error) }, 'a client could not be served');
      client.destroy();
    }).finally(() => clearTimeout(timer));
  }

  /** The transaction of a token that `facetdb.share_transaction()` gave; undefined where there is none. */
  find(token: string): StoreTransaction | undefined {
    const dot = token.indexOf('.');
    return dot < 0 ? undefined : this.#sessions.get(token.slice(0, dot))?.transaction(token.slice(dot + 1));
  }

  async #begin(client: Socket): Promise<void> {
    const startup = await readStartup(client);
    switch (startup.kind) {
      case 'gss':
        client.write('N');
        return await this.#begin(client);
      case 'tls':
        if (this.#options.tls === undefined || client instanceof TLSSocket) {
          client.write('N');
          return await this.#begin(client);
        }
        client.write('S');
        return await this.#begin(new TLSSocket(client, { isServer: true, ...this.#options.tls }));
      case 'cancel': {
        const server = await this.#connect();
        server.end(startup.packet);
        server.resume();
        client.end();
        return;
      }
      case 'startup': {
        const secret = randomBytes(secretBytes).toString('base64url');
        const server = await this.#connect();
        server.write(withParameter(startup.packet, 'facetdb.relay', secret));
        const user = startup.parameters.get('user') ?? '';
        const session = new RelaySession({ client, server, address: this.#options.address, user, database: startup.parameters.get('database') ?? user });
        this.#sessions.set(secret, session);
        client.once('close', () => this.#sessions.delete(secret));
      }
    }
  }

  async #connect(): Promise<Socket> {
    const { address } = this.#options;
    return await connectSocket(address, undefined, AbortSignal.timeout(connectTimeoutMs));
  }
}
