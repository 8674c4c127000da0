// A SQL client in somebody else's transaction: its messages go to the session that the transaction is open in, while nobody else
// works there, and the answers come back. The names of its prepared statements and portals are changed on the way, so that they
// meet none of the other side's; what it has prepared in its own session is prepared there when it is used. It cannot end the
// transaction, or set savepoints in it.

import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { messageOf } from '../../kernel/errors.ts';
import { controlsTransactions } from '../leading-keyword.ts';
import { statementsOf } from '../statements-of.ts';
import type { StoreTransaction } from '../store-transaction.ts';
import type { Connection, Passage } from '../wire/connection.ts';
import {
  bind, errorResponse, execute, frontend, frontendMessage, parse, readBind, readExecute, readParse, readQuery, readTarget, readyInFailedTransaction, syncMessage, targeted,
} from './frontend-messages.ts';
import { isLeaving } from './joining-statements.ts';
import { relayLimits } from './limits.ts';
import type { PreparedTexts } from './prepared-texts.ts';

const backend = { parseComplete: 0x31, bindComplete: 0x32, closeComplete: 0x33, errorResponse: 0x45, copyInResponse: 0x47, portalSuspended: 0x73, readyForQuery: 0x5a } as const;

const leaveHint = 'select facetdb.leave_transaction() brings this connection back into its own session.';
const notTheOpener = errorResponse({ sqlState: '2D000', message: 'the transaction is another connection’s: only that one ends it, or sets savepoints in it', hint: leaveHint });
const leavingInBetween = errorResponse({ sqlState: '08P01', message: 'facetdb.leave_transaction() has to be sent alone', hint: leaveHint });

export type JoinedSessionOptions = {
  readonly transaction: StoreTransaction;
  readonly client: Socket;
  readonly texts: PreparedTexts;
  /** Called when `isCongested` may have changed. */
  readonly onFlow: () => void;
};

/** What a message that was sent is answered with: a completion for the client, one for nobody, or ReadyForQuery. */
type Expected = 'completion' | 'nothing' | 'ready';

export class JoinedSession {
  readonly #options: JoinedSessionOptions;
  readonly #prefix = `facetdb_${randomBytes(6).toString('hex')}_`;
  /** Names there, by kind and name here. */
  readonly #aliases = new Map<string, string>();
  /** Names there of what is prepared there now. */
  readonly #prepared = new Set<string>();
  /** What waits for the session. */
  #outbox: Buffer[] = [];
  #outboxBytes = 0;
  #expected: Expected[] = [];
  /** For each ReadyForQuery that will come: the error that the client gets before it. */
  #refusals: (Buffer | undefined)[] = [];
  /** Why everything up to the next Sync is left out. */
  #skipping: Buffer | undefined;
  #hasUnsynced = false;
  #hasFailed = false;
  #isSuspended = false;
  #isOpening = false;
  #isClosing = false;
  #isCopying = false;
  #hasDrained = true;
  #connection: Connection | undefined;
  #passage: Passage | undefined;

  constructor(options: JoinedSessionOptions) {
    this.#options = options;
  }

  /** Whether the client should send no more for now. */
  get isCongested(): boolean {
    return !this.#hasDrained || this.#outboxBytes > relayLimits.bytesAhead;
  }

  /** Whether the client leaves with this message: it is not taken then. */
  isLeavingWith(type: number, message: Buffer): boolean {
    return !this.#hasUnsynced && this.#skipping === undefined && this.#textOf(type, message).some((text) => isLeaving(text));
  }

  /** Takes a message of the client. Throws for one that cannot be read. */
  take(type: number, message: Buffer): void {
    if (this.#skipping !== undefined && type !== frontend.sync) return;
    const refusal = this.#refusalOf(type, message);
    switch (type) {
      case frontend.query:
      case frontend.functionCall:
        return this.#ask(refusal === undefined ? message : syncMessage, refusal);
      case frontend.sync: {
        const skipped = this.#skipping;
        this.#skipping = undefined;
        return this.#ask(message, skipped);
      }
      case frontend.copyData:
      case frontend.copyDone:
      case frontend.copyFail:
        return this.#send(message);
    }
    this.#hasUnsynced = true;
    if (refusal !== undefined) this.#skipping = refusal;
    else this.#takeExtended(type, message);
  }

  /** Asks the server to end what it does for this client, if it does anything. */
  async cancel(): Promise<void> {
    if (this.#passage !== undefined) await this.#connection?.cancel();
  }

  /** The client is gone: what it has begun is brought to an end, so that others may go on. */
  close(): void {
    if (this.#passage === undefined) return this.#forgetWaiting();
    if (this.#isCopying) this.#send(frontendMessage(frontend.copyFail, Buffer.from('the client hung up\0')));
    if (this.#hasUnsynced) {
      this.#skipping = undefined;
      this.#ask(syncMessage, undefined);
    }
    this.#connection?.resume();
  }

  /** Goes on reading what the client can take again. */
  readonly resume = (): void => this.#connection?.resume();

  // From the client

  #textOf(type: number, message: Buffer): readonly string[] {
    if (type === frontend.query) return [readQuery(message)];
    if (type === frontend.parse) return [readParse(message).text];
    const known = type === frontend.bind ? this.#options.texts.find(readBind(message).statement) : undefined;
    return known === undefined ? [] : [known.text];
  }

  #refusalOf(type: number, message: Buffer): Buffer | undefined {
    const texts = this.#textOf(type, message);
    if (texts.some((text) => isLeaving(text))) return leavingInBetween;
    return texts.flatMap(statementsOf).some(controlsTransactions) ? notTheOpener : undefined;
  }

  #takeExtended(type: number, message: Buffer): void {
    switch (type) {
      case frontend.parse: {
        const statement = readParse(message);
        if (statement.name === '') this.#closeThere('statement', '');
        else this.#options.texts.remember(statement, false);
        return this.#prepare(statement, 'completion');
      }
      case frontend.bind: {
        const bound = readBind(message);
        this.#prepareKnown(bound.statement);
        if (bound.portal === '') this.#closeThere('portal', '');
        return this.#send(bind({ ...bound, portal: this.#alias('portal', bound.portal), statement: this.#alias('statement', bound.statement) }), 'completion');
      }
      case frontend.describe: {
        const { kind, name } = readTarget(message);
        if (kind === 'statement') this.#prepareKnown(name);
        return this.#send(targeted(frontend.describe, { kind, name: this.#alias(kind, name) }));
      }
      case frontend.close: {
        const { kind, name } = readTarget(message);
        if (kind === 'statement') this.#options.texts.forget(name);
        return this.#closeThere(kind, name, 'completion');
      }
      case frontend.execute: {
        const { portal, rows } = readExecute(message);
        return this.#send(execute(this.#alias('portal', portal), rows));
      }
    }
    this.#send(message);
  }

  #prepare(statement: Parameters<typeof parse>[0], expected: Expected): void {
    const name = this.#alias('statement', statement.name);
    this.#prepared.add(name);
    this.#send(parse({ ...statement, name }), expected);
  }

  /** What was prepared in the client's own session, or there for an earlier statement. */
  #prepareKnown(name: string): void {
    const known = this.#options.texts.find(name);
    if (known !== undefined && !this.#prepared.has(this.#alias('statement', name))) this.#prepare(known, 'nothing');
  }

  #closeThere(kind: 'statement' | 'portal', name: string, expected: Expected = 'nothing'): void {
    const alias = this.#alias(kind, name);
    if (kind === 'statement') this.#prepared.delete(alias);
    this.#send(targeted(frontend.close, { kind, name: alias }), expected);
  }

  #alias(kind: 'statement' | 'portal', name: string): string {
    const key = `${kind} ${name}`;
    const known = this.#aliases.get(key);
    if (known !== undefined) return known;
    const alias = `${this.#prefix}${this.#aliases.size}`;
    this.#aliases.set(key, alias);
    return alias;
  }

  /** Sends what is answered with ReadyForQuery. */
  #ask(message: Buffer, refusal: Buffer | undefined): void {
    this.#hasUnsynced = false;
    this.#refusals.push(refusal);
    this.#send(message, 'ready');
  }

  #send(message: Buffer, expected?: Expected): void {
    if (expected !== undefined) this.#expected.push(expected);
    this.#outbox.push(message);
    this.#outboxBytes += message.length;
    this.#pump();
  }

  #pump(): void {
    if (this.#isClosing) return;
    if (this.#passage === undefined) {
      if (!this.#isOpening) void this.#open();
      return;
    }
    for (const message of this.#outbox.splice(0)) this.#hasDrained = this.#passage.send(message);
    this.#outboxBytes = 0;
  }

  async #open(): Promise<void> {
    const { transaction } = this.#options;
    this.#isOpening = true;
    try {
      await transaction.use((connection) => this.#work(connection));
    } catch (error) {
      this.#fail(error);
    }
    this.#isOpening = false;
    if (this.#outbox.length > 0) void this.#open();
  }

  /** Works in the session until all is answered. */
  async #work(connection: Connection): Promise<void> {
    this.#options.transaction.ranUserSql = true;
    // The client may be gone by now.
    if (this.#outbox.length === 0) return;
    this.#connection = connection;
    connection.onDrain(this.#onDrain);
    this.#passage = connection.passThrough((type, buffer, start, end) => this.#answered(type, buffer, start, end));
    try {
      this.#pump();
      await this.#passage.ended;
    } finally {
      connection.offDrain(this.#onDrain);
      this.#passage = undefined;
      this.#connection = undefined;
      this.#isClosing = false;
      this.#onDrain();
    }
  }

  readonly #onDrain = (): void => {
    this.#hasDrained = true;
    this.#options.onFlow();
  };

  /** Nothing can be asked there any more: each request that waits gets an error, and what belongs to none yet is left out. */
  #fail(error: unknown): void {
    const answer = errorResponse({ sqlState: '25000', message: messageOf(error), hint: leaveHint });
    const refusals = this.#refusals;
    this.#forgetWaiting();
    this.#prepared.clear();
    for (const refusal of refusals) this.#toClient(Buffer.concat([refusal ?? answer, readyInFailedTransaction]));
    if (this.#hasUnsynced) this.#skipping ??= answer;
    this.#options.onFlow();
  }

  #forgetWaiting(): void {
    this.#outbox = [];
    this.#outboxBytes = 0;
    this.#expected = [];
    this.#refusals = [];
  }

  // From the server

  #answered(type: number, buffer: Buffer, start: number, end: number): void {
    if (this.#isClosing) {
      if (type === backend.readyForQuery) this.#passage?.end();
      return;
    }
    switch (type) {
      case backend.parseComplete:
      case backend.bindComplete:
      case backend.closeComplete:
        if (this.#expected.shift() === 'nothing') return;
        break;
      case backend.errorResponse:
        this.#hasFailed = true;
        this.#isCopying = false;
        break;
      case backend.copyInResponse:
        this.#isCopying = true;
        break;
      case backend.portalSuspended:
        this.#isSuspended = true;
        break;
      case backend.readyForQuery:
        return this.#ready(buffer.subarray(start - 5, end));
    }
    this.#toClient(buffer.subarray(start - 5, end));
  }

  #ready(message: Buffer): void {
    while (this.#expected.length > 0 && this.#expected.shift() !== 'ready');
    const refusal = this.#refusals.shift();
    if (refusal !== undefined && !this.#hasFailed) this.#toClient(refusal);
    this.#hasFailed = false;
    this.#isCopying = false;
    this.#toClient(message);
    if (this.#refusals.length === 0 && !this.#hasUnsynced && this.#skipping === undefined) this.#endPassage();
  }

  /** Gives the session back as it was. Statements that a suspended portal may need are left to the end of the next passage. */
  #endPassage(): void {
    const prepared = this.#isSuspended ? [] : [...this.#prepared];
    this.#isSuspended = false;
    if (prepared.length === 0) return this.#passage?.end();
    this.#isClosing = true;
    this.#prepared.clear();
    this.#passage?.send(Buffer.concat([...prepared.map((name) => targeted(frontend.close, { kind: 'statement', name })), syncMessage]));
  }

  #toClient(bytes: Buffer): void {
    const { client } = this.#options;
    if (client.destroyed) return;
    if (!client.write(bytes)) this.#connection?.pause();
  }
}
