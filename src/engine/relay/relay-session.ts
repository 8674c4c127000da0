// One SQL client and its PostgreSQL session, with FacetDB in between: bytes pass as they are, both ways, until connections of
// other protocols work in the session's open transaction. Their statements are sent while the client has none under way.

import type { Socket } from 'node:net';
import { FacetError } from '../../kernel/errors.ts';
import type { StoreTransaction, TransactionOutcome } from '../store-transaction.ts';
import { Connection } from '../wire/connection.ts';
import type { Address } from '../wire/socket.ts';
import { statement } from '../wire/statement.ts';
import { MessageScanner } from './message-scanner.ts';

const types = { commandComplete: 0x43, readyForQuery: 0x5a, authentication: 0x52, keyData: 0x4b, query: 0x51, sync: 0x53, functionCall: 0x46, copyData: 0x64, copyDone: 0x63, copyFail: 0x66 } as const;
const readTransaction = statement('select pg_current_xact_id_if_assigned()::text as id');

export type RelaySessionOptions = {
  readonly client: Socket;
  readonly server: Socket;
  readonly address: Address;
  readonly user: string;
  readonly database: string;
};

export class RelaySession {
  readonly #options: RelaySessionOptions;
  readonly #fromClient = new MessageScanner((type) => this.#clientSent(type));
  readonly #fromServer = new MessageScanner((type, body) => this.#serverSent(type, body));
  #isAuthenticated = false;
  #processId = 0;
  #secretKey: Uint8Array = new Uint8Array(0);
  /** Queries and Syncs of the client that the server has not answered with ReadyForQuery. */
  #outstanding = 1;
  /** Messages that came after the last of these: the client is in the middle of something. */
  #hasUnsynced = false;
  #inTransaction = false;
  #lastTag = '';
  #transaction: RelayedTransaction | undefined;
  #isLent = false;
  #isClosed = false;
  #waiting: (() => void)[] = [];

  constructor(options: RelaySessionOptions) {
    this.#options = options;
    const { client, server } = options;
    client.on('data', this.#onClientData);
    server.on('data', this.#onServerData);
    client.on('error', () => client.destroy()).once('close', () => this.#close());
    server.on('error', () => server.destroy()).once('close', () => this.#close());
    client.on('drain', () => this.#flow());
    server.on('drain', () => this.#flow());
    this.#flow();
  }

  get role(): string {
    return this.#options.user;
  }

  /** The open transaction that has this id, for others to work in; undefined where there is none. */
  transaction(id: string): StoreTransaction | undefined {
    if (!this.#isAuthenticated || !this.#inTransaction || this.#isClosed) return undefined;
    this.#transaction ??= new RelayedTransaction(this, id);
    return this.#transaction.id === id ? this.#transaction : undefined;
  }

  /** Lends the session for one piece of work, when the client has nothing under way. Errors: `transaction_state`. */
  async lend<T>(transaction: RelayedTransaction, body: (connection: Connection) => Promise<T>): Promise<T> {
    while (!this.#isQuiet && this.#transaction === transaction && !this.#isClosed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#transaction !== transaction || this.#isClosed) throw new FacetError('transaction_state', 'the transaction has ended');
    const { server, address, user, database } = this.#options;
    this.#isLent = true;
    this.#flow();
    server.off('data', this.#onServerData);
    const connection = Connection.adopt(server, { address, user, database, processId: this.#processId, secretKey: this.#secretKey });
    try {
      return await body(connection);
    } finally {
      await connection.detach();
      this.#isLent = false;
      server.on('data', this.#onServerData);
      this.#flow();
      this.#wake();
    }
  }

  get #isQuiet(): boolean {
    return !this.#isLent && this.#outstanding === 0 && !this.#hasUnsynced && this.#fromClient.isBetween && this.#fromServer.isBetween;
  }

  readonly #onClientData = (chunk: Buffer): void => {
    this.#pass(this.#fromClient, chunk, this.#options.server);
  };

  readonly #onServerData = (chunk: Buffer): void => {
    this.#pass(this.#fromServer, chunk, this.#options.client);
    if (this.#isQuiet) this.#wake();
  };

  #pass(scanner: MessageScanner, chunk: Buffer, to: Socket): void {
    try {
      scanner.push(chunk);
    } catch {
      this.#options.client.destroy();
      return;
    }
    to.write(chunk);
    this.#flow();
  }

  /** Each side is read as fast as the other takes it; the client not at all while its session is lent. */
  #flow(): void {
    const { client, server } = this.#options;
    if (this.#isLent || server.writableNeedDrain) client.pause();
    else client.resume();
    if (this.#isLent) return;
    if (client.writableNeedDrain) server.pause();
    else server.resume();
  }

  #clientSent(type: number): void {
    // The data of a COPY belongs to a statement that is under way.
    if (type === types.copyData || type === types.copyDone || type === types.copyFail) return;
    const isAnswered = type === types.query || type === types.sync || type === types.functionCall;
    if (isAnswered) this.#outstanding += 1;
    this.#hasUnsynced = !isAnswered;
  }

  #serverSent(type: number, body: Buffer): void {
    switch (type) {
      case types.authentication:
        if (body.readInt32BE(0) === 0) {
          this.#isAuthenticated = true;
          // What came before were answers to the server's questions.
          this.#hasUnsynced = false;
        }
        return;
      case types.keyData:
        this.#processId = body.readInt32BE(0);
        this.#secretKey = Uint8Array.from(body.subarray(4));
        return;
      case types.commandComplete:
        this.#lastTag = body.toString('latin1', 0, Math.max(0, body.indexOf(0)));
        return;
      case types.readyForQuery:
        this.#outstanding = Math.max(0, this.#outstanding - 1);
        this.#inTransaction = body[0] !== 0x49;
        if (!this.#inTransaction) this.#transactionEnded(this.#lastTag.startsWith('COMMIT') ? 'committed' : 'rolled back');
    }
  }

  #transactionEnded(outcome: TransactionOutcome): void {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    transaction?.ended(outcome);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.client.destroy();
    this.#options.server.destroy();
    this.#transactionEnded('unknown');
  }
}

/** A transaction in a SQL client's own session: that client ends it. */
class RelayedTransaction implements StoreTransaction {
  readonly role: string;
  readonly id: string;
  ranUserSql = false;
  readonly #session: RelaySession;
  readonly #listeners: ((outcome: TransactionOutcome) => void)[] = [];
  #outcome: TransactionOutcome | undefined;
  #isVerified = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: RelaySession, id: string) {
    this.#session = session;
    this.role = session.role;
    this.id = id;
  }

  get isOpen(): boolean {
    return this.#outcome === undefined;
  }

  async use<T>(body: (connection: Connection) => Promise<T>): Promise<T> {
    const run = this.#last.then(() => this.#session.lend(this, async (connection) => {
      await this.#verify(connection);
      return await body(connection);
    }));
    this.#last = run.catch(() => {});
    return await run;
  }

  onEnd(listener: (outcome: TransactionOutcome) => void): void {
    if (this.#outcome === undefined) this.#listeners.push(listener);
    else listener(this.#outcome);
  }

  ended(outcome: TransactionOutcome): void {
    this.#outcome = outcome;
    for (const listener of this.#listeners.splice(0)) listener(outcome);
  }

  /** The token was given in this very transaction. */
  async #verify(connection: Connection): Promise<void> {
    if (this.#isVerified) return;
    const [row] = await connection.query(readTransaction);
    if (row?.['id'] !== this.id) throw new FacetError('transaction_state', 'no open transaction of this role has this token');
    this.#isVerified = true;
  }
}
