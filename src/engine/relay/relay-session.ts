// One SQL client and its PostgreSQL session, with FacetDB in between: what they say passes as it is, both ways, until connections of
// other protocols work in the session's open transaction, whose statements are sent while the client has none under way; or until
// the client itself joins another's transaction, where its statements then go.

import { timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { FacetError } from '../../kernel/errors.ts';
import type { StoreTransaction, TransactionOutcome } from '../store-transaction.ts';
import { Connection } from '../wire/connection.ts';
import type { Address } from '../wire/socket.ts';
import { statement } from '../wire/statement.ts';
import { ClientMessages } from './client-messages.ts';
import { frontend, parse, syncMessage } from './frontend-messages.ts';
import { JoinGate } from './join-gate.ts';
import { JoinedSession } from './joined-session.ts';
import { relayLimits } from './limits.ts';
import { MessageScanner } from './message-scanner.ts';
import { PreparedTexts } from './prepared-texts.ts';

const types = { commandComplete: 0x43, errorResponse: 0x45, readyForQuery: 0x5a, authentication: 0x52, keyData: 0x4b } as const;
const readTransaction = statement('select pg_current_xact_id_if_assigned()::text as id');

export type RelaySessionOptions = {
  readonly client: Socket;
  readonly server: Socket;
  readonly address: Address;
  readonly user: string;
  readonly database: string;
  /** What the functions in PostgreSQL know the session by. */
  readonly secret: string;
  /** The transaction of a token for a role. Throws where there is none. */
  readonly join: (token: string, role: string) => StoreTransaction;
};

type Message = { readonly type: number; readonly bytes: Buffer };

export class RelaySession {
  readonly #options: RelaySessionOptions;
  readonly #fromClient = new ClientMessages({
    message: (type, bytes) => this.#take({ type, bytes }),
    piece: (type, bytes, isLast) => this.#takePiece(type, bytes, isLast),
    limit: (type, bytes) => this.#limitOf(type, bytes),
  });
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
  readonly #texts = new PreparedTexts();
  readonly #gate: JoinGate;
  #joined: JoinedSession | undefined;
  /** What the client sends while it is on its way into a transaction, or out of it. */
  #held: Message[] | undefined;

  constructor(options: RelaySessionOptions) {
    this.#options = options;
    const { client, server, secret } = options;
    this.#gate = new JoinGate({ secret, find: (token) => this.#find(token), texts: this.#texts });
    client.on('data', this.#onClientData);
    server.on('data', this.#onServerData);
    client.on('error', () => client.destroy()).once('close', () => this.#close());
    server.on('error', () => server.destroy()).once('close', () => this.#close());
    client.on('drain', () => {
      this.#joined?.resume();
      this.#flow();
    });
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
    return await this.#use(body);
  }

  /** Whether a cancel request with this key is meant for the session. */
  hasKey(processId: number, secretKey: Uint8Array): boolean {
    return this.#processId === processId && this.#secretKey.length > 0 && this.#secretKey.length === secretKey.length && timingSafeEqual(this.#secretKey, secretKey);
  }

  /** Cancels what the client does in another's transaction; false where it is in none. */
  async cancelJoined(): Promise<boolean> {
    await this.#joined?.cancel();
    return this.#joined !== undefined;
  }

  /** The session without its client. */
  async #use<T>(body: (connection: Connection) => Promise<T>): Promise<T> {
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
    const { client, server } = this.#options;
    // One write for all messages of a chunk.
    server.cork();
    try {
      this.#fromClient.push(chunk);
    } catch {
      client.destroy();
    } finally {
      server.uncork();
    }
    this.#flow();
  };

  readonly #onServerData = (chunk: Buffer): void => {
    const { client } = this.#options;
    try {
      this.#fromServer.push(chunk);
    } catch {
      client.destroy();
      return;
    }
    client.write(chunk);
    this.#flow();
    if (this.#isQuiet) {
      this.#enter();
      this.#wake();
    }
  };

  #take(message: Message): void {
    if (this.#held !== undefined) this.#held.push(message);
    else if (this.#joined === undefined) this.#takeOwn(message);
    else if (message.type === frontend.terminate) this.#options.client.destroy();
    else if (this.#joined.isLeavingWith(message.type, message.bytes)) this.#leave(message);
    else this.#joined.take(message.type, message.bytes);
  }

  #takeOwn({ type, bytes }: Message): void {
    this.#options.server.write(this.#isAuthenticated ? this.#gate.pass(type, bytes) : bytes);
    this.#clientSent(type);
    // What comes after the statement that joins belongs to the other's transaction already.
    if (this.#gate.wanted !== undefined && (type === frontend.query || type === frontend.sync)) this.#held = [];
  }

  #takePiece(type: number, bytes: Buffer, isLast: boolean): void {
    this.#options.server.write(bytes);
    if (isLast) this.#clientSent(type);
  }

  #limitOf(type: number, bytes: number): number {
    if (this.#joined === undefined && this.#held === undefined) return relayLimits.messageBytes;
    if (bytes > relayLimits.joinedMessageBytes) throw new Error(`a message of type ${type} with ${bytes} bytes in another's transaction`);
    return bytes;
  }

  // Joining

  #find(token: string): StoreTransaction | undefined {
    if (this.#inTransaction) return undefined;
    try {
      return this.#options.join(token, this.role);
    } catch {
      // PostgreSQL's function has the words for it.
      return undefined;
    }
  }

  /** The statement that joins was answered: the client goes where it wanted to, unless there was an error. */
  #enter(): void {
    const { wanted } = this.#gate;
    if (wanted === undefined && this.#held === undefined) return;
    this.#gate.wanted = undefined;
    if (wanted !== undefined) this.#joined = new JoinedSession({ transaction: wanted, client: this.#options.client, texts: this.#texts, onFlow: () => this.#flow() });
    this.#release();
  }

  /** Back into the client's own session, where what it prepared elsewhere is prepared first. */
  #leave(message: Message): void {
    this.#joined = undefined;
    this.#held = [message];
    const missing = [...this.#texts.elsewhere()];
    const prepare = missing.length === 0 ? Promise.resolve() : this.#use(async (connection) => {
      for (const statement of missing) await answered(connection, Buffer.concat([parse(statement), syncMessage]));
    });
    prepare.then(() => this.#release(), () => this.#options.client.destroy());
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    try {
      for (const message of held) this.#take(message);
    } catch {
      this.#options.client.destroy();
    }
    this.#flow();
  }

  /** Each side is read as fast as the other takes it; the client not at all while its session is lent. */
  #flow(): void {
    const { client, server } = this.#options;
    if (this.#isLent || server.writableNeedDrain || this.#joined?.isCongested === true) client.pause();
    else client.resume();
    if (this.#isLent) return;
    if (client.writableNeedDrain) server.pause();
    else server.resume();
  }

  #clientSent(type: number): void {
    // The data of a COPY belongs to a statement that is under way.
    if (type === frontend.copyData || type === frontend.copyDone || type === frontend.copyFail) return;
    const isAnswered = type === frontend.query || type === frontend.sync || type === frontend.functionCall;
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
      case types.errorResponse:
        this.#gate.wanted = undefined;
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
    this.#joined?.close();
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

/** Sends messages that end with a Sync, and waits for its answer, whatever it is. */
async function answered(connection: Connection, messages: Buffer): Promise<void> {
  const passage = connection.passThrough((type) => {
    if (type === types.readyForQuery) passage.end();
  });
  passage.send(messages);
  await passage.ended;
}
