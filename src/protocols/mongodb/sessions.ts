// Logical sessions and their transactions. A session belongs to the user who began it; it may be used over several
// connections. Source: the drivers' specifications "Sessions" and "Transactions"; MongoDB 7.0's TransactionParticipant.

import type { HeldTransaction } from '../../access/shared-transactions.ts';
import { DocumentError } from '../../facets/documents/index.ts';
import { isFacetError } from '../../kernel/errors.ts';
import { mongodbLimits } from './limits.ts';
import type { TransactionCounters } from './server-counters.ts';

type TransactionState = 'none' | 'inProgress' | 'committed' | 'aborted' | 'unknown';

export class LogicalSession {
  readonly id: Uint8Array;
  /** Its id in hex. */
  readonly name: string;
  readonly role: string;
  lastUsedMs = Date.now();
  /** Of the last transaction or retryable write. */
  txnNumber = -1n;
  #state: TransactionState = 'none';
  #transaction: Promise<HeldTransaction> | undefined;
  #startedMs = 0;

  readonly #counters: TransactionCounters;

  constructor(id: Uint8Array, role: string, counters: TransactionCounters) {
    this.#counters = counters;
    this.id = id;
    this.name = Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex');
    this.role = role;
  }

  get isInTransaction(): boolean {
    return this.#state === 'inProgress';
  }

  get transactionAgeMs(): number {
    return this.isInTransaction ? Date.now() - this.#startedMs : 0;
  }

  /** A retryable write outside of transactions. Throws DocumentError: TransactionTooOld. */
  async beginRetryableWrite(number: bigint): Promise<void> {
    if (number < this.txnNumber) {
      throw new DocumentError('TransactionTooOld', `Retryable write with txnNumber ${number} is prohibited on session ${this.#uuid} because a newer ${this.#newest} with txnNumber ${this.txnNumber} has already started on this session.`);
    }
    if (number === this.txnNumber) {
      if (this.#state !== 'none') throw new DocumentError('InvalidOptions', 'Must specify autocommit=false on all operations of a multi-statement transaction.');
      return;
    }
    await this.#giveUp();
    this.txnNumber = number;
    this.#state = 'none';
  }

  /** The first statement of a transaction. Throws DocumentError. */
  async beginTransaction(number: bigint, begin: () => Promise<HeldTransaction>): Promise<HeldTransaction> {
    this.#assertNotOlder(number);
    if (number === this.txnNumber && this.#state !== 'none' && this.#state !== 'aborted') {
      throw new DocumentError(117, 'Only servers in a sharded cluster can start a new transaction at the active transaction number');
    }
    await this.#giveUp();
    this.txnNumber = number;
    this.#state = 'inProgress';
    this.#startedMs = Date.now();
    this.#counters.started += 1;
    this.#transaction = begin();
    try {
      return await this.#transaction;
    } catch (error) {
      this.#state = 'aborted';
      this.#counters.aborted += 1;
      this.#transaction = undefined;
      throw error;
    }
  }

  /** A later statement. Throws DocumentError: NoSuchTransaction, TransactionCommitted, TransactionTooOld. */
  async continueTransaction(number: bigint): Promise<HeldTransaction> {
    this.#assertNotOlder(number);
    if (number !== this.txnNumber || this.#state === 'none') throw this.#noSuch(number);
    if (this.#state === 'committed') throw new DocumentError('TransactionCommitted', `Transaction with { txnNumber: ${number} } has been committed.`);
    if (this.#state !== 'inProgress' || this.#transaction === undefined) throw this.#aborted(number);
    return await this.#transaction;
  }

  /** Also when it was committed before. Throws DocumentError. */
  async commit(number: bigint): Promise<void> {
    this.#assertNotOlder(number);
    if (number !== this.txnNumber || this.#state === 'none') throw this.#noSuch(number);
    if (this.#state === 'committed') return;
    if (this.#state === 'unknown') throw new DocumentError('HostUnreachable', 'PostgreSQL was lost while the transaction was committed: whether it was is not known');
    const transaction = this.#take();
    if (transaction === undefined) throw this.#aborted(number);
    this.#state = 'aborted';
    try {
      await (await transaction).commit();
      this.#state = 'committed';
      this.#counters.committed += 1;
    } catch (error) {
      if (isFacetError(error, 'connection_lost')) this.#state = 'unknown';
      else this.#counters.aborted += 1;
      throw error;
    }
  }

  /** Throws DocumentError: NoSuchTransaction, TransactionCommitted. */
  async abort(number: bigint): Promise<void> {
    this.#assertNotOlder(number);
    if (number !== this.txnNumber || this.#state === 'none') throw this.#noSuch(number);
    if (this.#state === 'committed') throw new DocumentError('TransactionCommitted', `Transaction with { txnNumber: ${number} } has been committed.`);
    if (this.#state !== 'inProgress') throw this.#aborted(number);
    await this.#giveUp();
  }

  /** Ends its transaction, if one is open. */
  async end(): Promise<void> {
    await this.#giveUp();
  }

  #take(): Promise<HeldTransaction> | undefined {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    return transaction;
  }

  async #giveUp(): Promise<void> {
    const transaction = this.#take();
    if (this.#state === 'inProgress') {
      this.#state = 'aborted';
      this.#counters.aborted += 1;
    }
    await transaction?.then((open) => open.rollback()).catch(() => {}); // It never began.
  }

  #assertNotOlder(number: bigint): void {
    if (number >= this.txnNumber) return;
    throw new DocumentError('TransactionTooOld', `Cannot start transaction with { txnNumber: ${number} } on session ${this.#uuid} because a newer ${this.#newest} with txnNumberAndRetryCounter { txnNumber: ${this.txnNumber} } has already started on this session.`);
  }

  /** Of the number that is the session's. */
  get #newest(): string {
    return this.#state === 'none' ? 'retryable write' : 'transaction';
  }

  get #uuid(): string {
    return this.name.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  #noSuch(number: bigint): DocumentError {
    return new DocumentError('NoSuchTransaction', `Given transaction number ${number} does not match any in-progress transactions. The active transaction number is ${this.txnNumber}`);
  }

  #aborted(number: bigint): DocumentError {
    return new DocumentError('NoSuchTransaction', `Transaction with { txnNumber: ${number} } has been aborted.`);
  }
}

/** Of each role, by `keyOf` their ids. */
export class Sessions {
  readonly #sessions = new Map<string, Map<string, LogicalSession>>();
  readonly #counters: TransactionCounters;
  #count = 0;

  constructor(counters: TransactionCounters) {
    this.#counters = counters;
  }

  /** The session, which begins with its first use. Throws DocumentError: TooManyLogicalSessions. */
  use(id: Uint8Array, role: string): LogicalSession {
    const session = this.find(id, role) ?? this.#begin(id, role);
    session.lastUsedMs = Date.now();
    return session;
  }

  find(id: Uint8Array, role: string): LogicalSession | undefined {
    return this.#sessions.get(role)?.get(keyOf(id));
  }

  *all(): Iterable<LogicalSession> {
    for (const ofRole of this.#sessions.values()) yield* ofRole.values();
  }

  /** Those of a role. */
  of(role: string): LogicalSession[] {
    return [...(this.#sessions.get(role)?.values() ?? [])];
  }

  async end(session: LogicalSession): Promise<void> {
    const ofRole = this.#sessions.get(session.role);
    if (ofRole?.delete(keyOf(session.id)) === true) this.#count -= 1;
    if (ofRole?.size === 0) this.#sessions.delete(session.role);
    await session.end();
  }

  /** Ends what was abandoned: sessions that were not used for long, transactions that are open for too long. */
  async reap(): Promise<void> {
    const now = Date.now();
    for (const session of this.all()) {
      if (session.transactionAgeMs > mongodbLimits.transactionLifetimeMs) await session.end();
      if (now - session.lastUsedMs > mongodbLimits.sessionTimeoutMs) await this.end(session);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.all()].map((session) => session.end()));
    this.#sessions.clear();
    this.#count = 0;
  }

  #begin(id: Uint8Array, role: string): LogicalSession {
    if (this.#count >= mongodbLimits.sessions) throw new DocumentError('TooManyLogicalSessions', 'cannot add session into the cache: there are too many');
    let ofRole = this.#sessions.get(role);
    if (ofRole === undefined) this.#sessions.set(role, (ofRole = new Map()));
    const session = new LogicalSession(id, role, this.#counters);
    ofRole.set(keyOf(id), session);
    this.#count += 1;
    return session;
  }
}

/** A character a byte. It is asked for by every command: spreading the bytes takes six times as long. */
function keyOf(id: Uint8Array): string {
  return String.fromCharCode.apply(undefined, id as unknown as number[]);
}
