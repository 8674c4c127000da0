// Lets SQL clients share their open transactions: they connect through FacetDB instead of to PostgreSQL itself, log in to
// PostgreSQL as ever (what they prove passes unread), and `facetdb.share_transaction()` gives them a token. Each session has a
// name and a secret, which PostgreSQL knows as the run-time parameter `facetdb.relay`; a token is the session's name, the
// transaction's id, and a hash of the secret and that id.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Log } from '../../kernel/log.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { StoreTransaction } from '../store-transaction.ts';
import { type Address, connectSocket } from '../wire/socket.ts';
import { relayLimits } from './limits.ts';
import { RelaySession } from './relay-session.ts';
import { type Startup, readStartup, withParameter } from './startup.ts';

const nameBytes = 12;
const secretBytes = 32;

export type RelayOptions = {
  /** Where PostgreSQL lets clients in as it lets in all: not by the private socket. */
  readonly address: Address;
  readonly tls: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined;
  readonly log: Log;
  /** The transaction of a token, for a role. Throws where there is none. */
  readonly join: (token: string, role: string) => StoreTransaction;
};

export class Relay {
  readonly #options: RelayOptions;
  /** By name. */
  readonly #sessions = new Map<string, { readonly session: RelaySession; readonly secret: string }>();

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Serves a client that has just connected. */
  accept(client: Socket): void {
    client.on('error', () => client.destroy());
    const timer = setTimeout(() => client.destroy(), relayLimits.startupTimeoutMs);
    this.#begin(client).catch((error: unknown) => {
      this.#options.log.debug({ error: messageOf(error) }, 'a client could not be served');
      client.destroy();
    }).finally(() => clearTimeout(timer));
  }

  /** The transaction of a token that `facetdb.share_transaction()` gave; undefined where there is none. */
  find(token: string): StoreTransaction | undefined {
    const [name = '', id = '', proof = ''] = token.split('.');
    const known = this.#sessions.get(name);
    if (known === undefined) return undefined;
    const expected = createHash('sha256').update(`${known.secret}.${id}`).digest();
    const given = Buffer.from(proof, 'hex');
    return given.length === expected.length && timingSafeEqual(given, expected) ? known.session.transaction(id) : undefined;
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
        if (await this.#cancelJoined(startup)) return void client.end();
        const server = await this.#connect();
        server.end(startup.packet);
        server.resume();
        client.end();
        return;
      }
      case 'startup': {
        const [name, secret] = [randomBytes(nameBytes), randomBytes(secretBytes)].map((bytes) => bytes.toString('base64url')) as [string, string];
        const server = await this.#connect();
        const known = `${name}.${secret}`;
        server.write(withParameter(startup.packet, 'facetdb.relay', known));
        const user = startup.parameters.get('user') ?? '';
        const { address, join } = this.#options;
        const session = new RelaySession({ client, server, address, user, database: startup.parameters.get('database') ?? user, secret: known, join });
        this.#sessions.set(name, { session, secret });
        client.once('close', () => this.#sessions.delete(name));
      }
    }
  }

  /** Who works in another's transaction has that one's statement cancelled. */
  async #cancelJoined({ processId, secretKey }: Extract<Startup, { kind: 'cancel' }>): Promise<boolean> {
    const known = [...this.#sessions.values()].find(({ session }) => session.hasKey(processId, secretKey));
    return known !== undefined && (await known.session.cancelJoined());
  }

  async #connect(): Promise<Socket> {
    const { address } = this.#options;
    return await connectSocket(address, undefined, AbortSignal.timeout(relayLimits.connectTimeoutMs));
  }
}
