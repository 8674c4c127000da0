// One connection to PostgreSQL: pipelined, binary, with prepared statements (protocol 3.0, "Message Flow").
// Requests are answered in the order they are made; several may be under way. Which connection serves whom is the
// pool's affair.

import type { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { assert } from '../../kernel/assert.ts';
import { FacetError, isFacetError } from '../../kernel/errors.ts';
import { errorFromPostgres, isStalePlan } from '../sqlstate.ts';
import { BackendReader, DataRow, type MessageHandler } from './backend-reader.ts';
import { readErrorFields } from './error-response.ts';
import { FrontendWriter } from './frontend-writer.ts';
import { wireLimits } from './limits.ts';
import { authenticate } from './authentication.ts';
import { sendCancelRequest } from './cancel-request.ts';
import { type CopyEnd, type Prepared, type Request, type Step, emptyRequest } from './request.ts';
import { type Column, noColumns, objectOf, readRowDescription } from './row-description.ts';
import { type Address, type TlsOptions, connectSocket } from './socket.ts';
import type { ScramKeys } from './scram-client.ts';
import type { Statement } from './statement.ts';
import { encodeInferred } from './types.ts';

export type ConnectionOptions = {
  readonly address: Address;
  readonly user: string;
  readonly database: string;
  /** Not needed where the server trusts the socket's owner. */
  readonly secret?: string | ScramKeys | undefined;
  readonly tls?: TlsOptions | undefined;
  /** Run-time parameters (`application_name`, `statement_timeout`, …) for the startup message. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly connectTimeoutMs?: number;
};

/** Of a session that somebody else has opened. */
export type Adoption = {
  readonly address: Address;
  readonly user: string;
  readonly database: string;
  /** For cancelling. */
  readonly processId: number;
  readonly secretKey: Uint8Array;
};

/** As ReadyForQuery says it: idle, in a transaction, in a failed transaction. */
export type TransactionStatus = 'idle' | 'open' | 'failed';

/** A connection in the hands of somebody who speaks the protocol himself. */
export type Passage = {
  /** Sends messages as they are; false when the connection should first get rid of what it has. */
  readonly send: (messages: Uint8Array) => boolean;
  /** Gives the connection back. Everything that was sent has to be answered. */
  readonly end: () => void;
  /** Fulfilled by `end`; rejected with `connection_lost`. */
  readonly ended: Promise<void>;
};

/** What follows it happens when the present code has ended. */
const soon = Promise.resolve();

const copyRefusal = 'COPY is not available on this connection';
const binaryResults = [1];

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #writer = new FrontendWriter();
  readonly #row = new DataRow();
  readonly #prepared = new Map<Statement, Prepared>();
  /** Answered in order. A ring would save the shift; with few requests under way it measured the same. */
  readonly #requests: Request[] = [];
  readonly #serverParameters = new Map<string, string>();
  #statementPrefix = 's';
  #nextStatement = 1;
  #detachSocket: () => void = () => {};
  #flushScheduled = false;
  #passOn: MessageHandler | undefined;
  #status: TransactionStatus = 'idle';
  #processId = 0;
  #secretKey: Uint8Array = new Uint8Array(0);
  #failure: FacetError | undefined;
  #closed: Promise<void>;

  /** Called with each notification of a channel that this connection listens on. */
  onNotification: ((channel: string, payload: string) => void) | undefined;
  /** Called once when the connection ends for a reason other than `close`. */
  onLost: ((error: FacetError) => void) | undefined;

  private constructor(options: ConnectionOptions, socket: Socket) {
    this.#options = options;
    this.#socket = socket;
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /**
   * Connects, encrypts and authenticates.
   * Errors: `engine_unavailable` (not reachable, starting up, shutting down), `authentication_failed`,
   * `pool_exhausted` (the server has no connection left), `object_unknown` (no such database).
   */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const deadline = AbortSignal.timeout(options.connectTimeoutMs ?? wireLimits.connectTimeoutMs);
    const socket = await connectSocket(options.address, options.tls, deadline);
    const connection = new Connection(options, socket);
    try {
      await connection.#start(deadline);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return connection;
  }

  /**
   * A connection over a socket that somebody else has opened and now leaves alone, between two messages and in an open
   * transaction; `detach` gives it back as it was. Prepared statements are named so that they meet none of the owner's.
   */
  static adopt(socket: Socket, { address, user, database, processId, secretKey }: Adoption): Connection {
    const connection = new Connection({ address, user, database }, socket);
    connection.#statementPrefix = `facetdb_${randomBytes(6).toString('hex')}_`;
    connection.#processId = processId;
    connection.#secretKey = secretKey;
    connection.#status = 'open';
    connection.#attach();
    return connection;
  }

  /** Gives an adopted socket back, and what was prepared on it up. */
  async detach(): Promise<void> {
    if (this.#failure !== undefined) return this.#detachSocket();
    for (const statement of this.#prepared.keys()) this.#forget(statement);
    await new Promise<void>((resolve) => {
      this.#writer.sync();
      this.#enqueue({ ...emptyRequest(), resolve: () => resolve(), reject: () => resolve() });
    });
    this.#socket.pause();
    this.#detachSocket();
    this.#failure ??= new FacetError('connection_lost', 'the connection was given back');
  }

  get transactionStatus(): TransactionStatus {
    return this.#status;
  }

  /** True until the connection was closed or lost. */
  get usable(): boolean {
    return this.#failure === undefined;
  }

  /** Requests that were sent and not answered yet. */
  get outstanding(): number {
    return this.#requests.length;
  }

  /** The server's process that serves this connection. */
  get processId(): number {
    return this.#processId;
  }

  /** A parameter that the server reports (`server_version`, `in_hot_standby`, …). */
  serverParameter(name: string): string | undefined {
    return this.#serverParameters.get(name);
  }

  /**
   * Executes the steps as one unit: outside a transaction block they are one transaction, committed when the promise
   * fulfils; the first error skips the rest and undoes all. Gives the command tags in order.
   */
  execute(steps: readonly Step[]): Promise<string[]> {
    if (this.#failure !== undefined) return Promise.reject(this.#notSent());
    const prepared = steps.map((step) => this.#prepare(step.statement));
    // The formats of an undeclared statement's columns are chosen from its description, so that has to come first.
    const undescribed = prepared.filter(({ statement, columns }) => !statement.declared && columns === undefined);
    if (undescribed.length === 0) return this.#send(steps, prepared);
    return Promise.all(undescribed.map(({ ready }) => ready)).then(() => this.#send(steps, prepared));
  }

  /** One statement's rows as objects by column name. */
  async query(statement: Statement, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    const rows: Record<string, unknown>[] = [];
    await this.execute([{ statement, values, onRow: (row, columns) => rows.push(objectOf(row, columns)) }]);
    return rows;
  }

  /** Runs text that takes no parameters and whose rows do not matter, several statements too (a Query message). */
  command(text: string): Promise<string[]> {
    if (this.#failure !== undefined) return Promise.reject(this.#notSent());
    return new Promise((resolve, reject) => {
      this.#writer.query(text);
      this.#enqueue({ ...emptyRequest(), resolve, reject });
    });
  }

  /**
   * Carries out a COPY … FROM STDIN or TO STDOUT; gives its command tag. Data goes in as fast as the server takes it; what
   * comes out passes `to`, which may `pause` the connection. Errors: the statement's, `data_invalid`, what `from` throws.
   */
  async copy(text: string, copy: CopyEnd): Promise<string> {
    if (this.#failure !== undefined) throw this.#notSent();
    if (text.includes('\0')) throw new FacetError('syntax_invalid', 'a statement cannot hold the character U+0000');
    const tags = await new Promise<string[]>((resolve, reject) => {
      this.#writer.query(text);
      this.#enqueue({ ...emptyRequest(), copy, resolve, reject });
    });
    return tags[0] ?? '';
  }

  /** Hands over what the server answers to messages that somebody else makes; nothing may be under way, or asked for until its end. */
  passThrough(onMessage: MessageHandler): Passage {
    this.#flush();
    this.#passOn = onMessage;
    const ended = new Promise<void>((resolve, reject) => this.#requests.push({ ...emptyRequest(), resolve: () => resolve(), reject }));
    return {
      ended,
      send: (messages) => this.#socket.write(messages),
      end: () => {
        this.#passOn = undefined;
        this.#requests.shift()?.resolve([]);
      },
    };
  }

  /** Called whenever what was sent has left, after it had to wait. */
  onDrain(listener: () => void): void {
    this.#socket.on('drain', listener);
  }

  offDrain(listener: () => void): void {
    this.#socket.off('drain', listener);
  }

  /** Reads no further from the server until `resume`; it stops sending when its buffers are full. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Asks the server, over a connection of its own, to cancel what this one is doing. Resolves once it was told. */
  async cancel(): Promise<void> {
    const { address, tls } = this.#options;
    await sendCancelRequest({ address, tls, processId: this.#processId, secretKey: this.#secretKey });
  }

  /** Ends the connection; what is under way fails with `connection_lost`. */
  async close(): Promise<void> {
    if (this.#failure === undefined) {
      this.#failure = new FacetError('connection_lost', 'the connection was closed');
      this.#writer.terminate();
      this.#flush();
      this.#rejectAll();
      this.#socket.end();
    }
    const timer = setTimeout(() => this.#socket.destroy(), wireLimits.closeTimeoutMs);
    await this.#closed;
    clearTimeout(timer);
  }

  // Starting

  async #start(deadline: AbortSignal): Promise<void> {
    const { user, database, parameters } = this.#options;
    this.#writer.startupMessage({ user, database, client_encoding: 'UTF8', ...parameters });
    this.#flush();
    await authenticate({
      socket: this.#socket,
      secret: this.#options.secret,
      user,
      send: (write) => {
        write(this.#writer);
        this.#flush();
      },
      onParameter: (name, value) => this.#serverParameters.set(name, value),
      onKey: (processId, secretKey) => {
        this.#processId = processId;
        this.#secretKey = secretKey;
      },
      deadline,
    });
    this.#attach();
  }

  /** Reads what the server sends. */
  #attach(): void {
    const reader = new BackendReader((type, buffer, start, end) => this.#receive(type, buffer, start, end));
    const onData = (chunk: Buffer): void => {
      try {
        reader.push(chunk);
      } catch (error) {
        this.#lose(isFacetError(error) ? error : new FacetError('connection_lost', 'a reply could not be read', { cause: error }));
      }
    };
    const onError = (cause: Error): void => this.#lose(new FacetError('connection_lost', cause.message, { cause }));
    const onClose = (): void => this.#lose(new FacetError('connection_lost', 'PostgreSQL closed the connection'));
    this.#socket.on('data', onData).on('error', onError).on('close', onClose);
    this.#detachSocket = () => void this.#socket.off('data', onData).off('error', onError).off('close', onClose);
    this.#socket.resume();
  }

  // Sending

  /** The prepared statement, created by a request of its own so that no other request's error can skip it. */
  #prepare(statement: Statement): Prepared {
    const known = this.#prepared.get(statement);
    if (known !== undefined) {
      // Reinserted: the map's order is the order of use.
      this.#prepared.delete(statement);
      this.#prepared.set(statement, known);
      return known;
    }
    this.#forgetOldest();
    const name = `${this.#statementPrefix}${this.#nextStatement++}`;
    const prepared: Prepared = { statement, name, columns: undefined, error: undefined, ready: Promise.resolve() };
    this.#prepared.set(statement, prepared);
    prepared.ready = new Promise((resolve, reject) => {
      this.#writer.parse(name, statement.text, statement.parameterTypes?.map((type) => type.oid) ?? []);
      this.#writer.describeStatement(name);
      this.#writer.sync();
      this.#enqueue({ ...emptyRequest(), preparing: prepared, resolve: () => resolve(), reject });
    });
    prepared.ready.catch(() => {});
    return prepared;
  }

  #forgetOldest(): void {
    if (this.#prepared.size < wireLimits.preparedStatements) return;
    const [oldest] = this.#prepared.keys();
    if (oldest !== undefined) this.#forget(oldest);
  }

  /** Drops a prepared statement. */
  #forget(statement: Statement): void {
    const prepared = this.#prepared.get(statement);
    if (prepared === undefined || !this.usable) return;
    this.#prepared.delete(statement);
    this.#writer.closeStatement(prepared.name);
    this.#writer.sync();
    this.#enqueue(emptyRequest());
  }

  #send(steps: readonly Step[], prepared: readonly Prepared[]): Promise<string[]> {
    if (this.#failure !== undefined) return Promise.reject(this.#notSent());
    return new Promise((resolve, reject) => {
      const mark = this.#writer.checkpoint();
      try {
        for (let index = 0; index < steps.length; index++) this.#writeStep(steps[index]!, prepared[index]!);
      } catch (error) {
        // A value that cannot be written must not leave half a message behind.
        this.#writer.restore(mark);
        reject(error instanceof FacetError ? error : new FacetError('data_invalid', 'a parameter cannot be sent', { cause: error }));
        return;
      }
      this.#writer.sync();
      this.#enqueue({ ...emptyRequest(), steps, prepared, resolve, reject });
    });
  }

  #writeStep({ statement, values }: Step, prepared: Prepared): void {
    const types = statement.parameterTypes;
    assert(types === undefined || types.length === values.length, `${values.length} values for: ${statement.text}`);
    const parameters = {
      formats: types === undefined || types.length === 0 ? [] : binaryResults,
      count: values.length,
      write: (writer: FrontendWriter) => {
        for (let index = 0; index < values.length; index++) {
          const value = values[index];
          if (value === null || value === undefined) writer.int32(-1);
          else if (types === undefined) encodeInferred(writer, value);
          else types[index]!.encode(writer, value);
        }
      },
    };
    const resultFormats = statement.declared ? binaryResults : (prepared.columns ?? noColumns).map((column) => column.format);
    this.#writer.bind(prepared.name, parameters, resultFormats);
    this.#writer.execute();
  }

  #enqueue(request: Request): void {
    this.#requests.push(request);
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    // What is asked for within one turn leaves in one write. (`queueMicrotask` would make a resource for asynchronous hooks too.)
    void soon.then(() => this.#flush());
  }

  #flush(): void {
    this.#flushScheduled = false;
    const chunks = this.#writer.take();
    if (this.#socket.destroyed) return;
    if (chunks.length === 1) {
      this.#socket.write(chunks[0]!);
      return;
    }
    this.#socket.cork();
    for (const chunk of chunks) this.#socket.write(chunk);
    this.#socket.uncork();
  }

  // Receiving, one branch a message, named as in "Message Formats"

  #receive(type: number, buffer: Buffer, start: number, end: number): void {
    if (this.#passOn !== undefined) {
      if (type === 0x5a) this.#status = statusOf(buffer[start]!);
      return this.#passOn(type, buffer, start, end);
    }
    switch (type) {
      case 0x44: // DataRow
        return this.#dataRow(buffer, start);
      case 0x43: // CommandComplete
        return this.#commandComplete(buffer.toString('latin1', start, end - 1));
      case 0x49: // EmptyQueryResponse
        return this.#commandComplete('');
      case 0x5a: // ReadyForQuery
        return this.#readyForQuery(buffer[start]!);
      case 0x54: // RowDescription
        return this.#rowDescription(buffer, start);
      case 0x6e: // NoData
        return this.#described(noColumns);
      case 0x45: // ErrorResponse
        return this.#errorResponse(buffer, start, end);
      case 0x41: // NotificationResponse
        return this.#notificationResponse(buffer, start);
      case 0x53: // ParameterStatus
        return this.#parameterStatus(buffer, start);
      case 0x47: // CopyInResponse
        return void this.#copyIn();
      case 0x64: // CopyData
        return this.#copyData(buffer, start, end);
      case 0x57: // CopyBothResponse
        this.#failRequest(new FacetError('engine_unsupported', copyRefusal));
        this.#writer.copyFail(copyRefusal);
        return this.#flush();
      case 0x48: // CopyOutResponse: where nobody wants it, its data passes unread
        if (this.#requests[0]?.copy === undefined) this.#failRequest(new FacetError('engine_unsupported', copyRefusal));
        return;
      default: // ParseComplete, BindComplete, CloseComplete, ParameterDescription, NoticeResponse, CopyDone
        return;
    }
  }

  async #copyIn(): Promise<void> {
    const copy = this.#requests[0]?.copy;
    if (copy === undefined || !('from' in copy)) {
      const refusal = copy === undefined ? copyRefusal : 'the statement reads, but there is nothing to read';
      this.#failRequest(new FacetError('engine_unsupported', refusal));
      this.#writer.copyFail(refusal);
      return this.#flush();
    }
    const request = this.#requests[0]!;
    try {
      for await (const chunk of copy.from) {
        // The server has given up, or is gone: its error comes, or has come.
        if (request.error !== undefined || this.#requests[0] !== request) return;
        this.#writer.copyData(chunk);
        this.#flush();
        if (this.#socket.writableNeedDrain) await this.#drained();
      }
      this.#writer.copyDone();
    } catch (error) {
      request.error ??= error instanceof Error ? error : new FacetError('internal', String(error));
      this.#writer.copyFail('the source of the data failed');
    }
    this.#flush();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done);
        this.#socket.off('close', done);
        resolve();
      };
      this.#socket.on('drain', done);
      this.#socket.on('close', done);
    });
  }

  #copyData(buffer: Buffer, start: number, end: number): void {
    const request = this.#requests[0];
    if (request?.copy === undefined || !('to' in request.copy) || request.error !== undefined) return;
    try {
      request.copy.to(buffer.subarray(start, end));
    } catch (error) {
      request.error = error instanceof Error ? error : new FacetError('internal', String(error));
    }
  }

  #dataRow(buffer: Buffer, start: number): void {
    const request = this.#requests[0];
    const step = request?.steps[request.tags.length];
    if (request === undefined || step?.onRow === undefined || request.error !== undefined) return;
    this.#row.reset(buffer, start);
    try {
      step.onRow(this.#row, request.prepared[request.tags.length]!.columns ?? noColumns);
    } catch (error) {
      request.error = error instanceof Error ? error : new FacetError('internal', String(error));
    }
  }

  #commandComplete(tag: string): void {
    this.#requests[0]?.tags.push(tag);
  }

  #readyForQuery(status: number): void {
    this.#status = statusOf(status);
    const request = this.#requests.shift();
    if (request === undefined) return;
    if (request.error === undefined) return request.resolve(request.tags);
    if (request.preparing !== undefined) {
      request.preparing.error = request.error;
      this.#prepared.delete(request.preparing.statement);
    }
    // Its next use prepares it anew, whoever sees this error.
    if (isStalePlan(request.error)) for (const { statement } of request.prepared) this.#forget(statement);
    // A statement that could not be prepared says why better than the execution that missed it.
    request.reject(request.prepared.find(({ error }) => error !== undefined)?.error ?? request.error);
  }

  #rowDescription(buffer: Buffer, start: number): void {
    const request = this.#requests[0];
    if (request?.preparing === undefined) return;
    this.#described(readRowDescription(buffer, start, request.preparing.statement));
  }

  #described(columns: readonly Column[]): void {
    const preparing = this.#requests[0]?.preparing;
    if (preparing !== undefined) preparing.columns = columns;
  }

  #errorResponse(buffer: Buffer, start: number, end: number): void {
    const fields = readErrorFields(buffer, start, end);
    const error = errorFromPostgres(fields);
    if (fields.severity === 'FATAL' || fields.severity === 'PANIC') {
      this.#lose(new FacetError('connection_lost', fields.message, { cause: error, postgres: fields }));
      return;
    }
    this.#failRequest(error);
  }

  #failRequest(error: FacetError): void {
    const request = this.#requests[0];
    if (request !== undefined) request.error ??= error;
  }

  #notificationResponse(buffer: Buffer, start: number): void {
    const channelEnd = buffer.indexOf(0, start + 4);
    const payloadEnd = buffer.indexOf(0, channelEnd + 1);
    this.onNotification?.(buffer.toString('utf8', start + 4, channelEnd), buffer.toString('utf8', channelEnd + 1, payloadEnd));
  }

  #parameterStatus(buffer: Buffer, start: number): void {
    const nameEnd = buffer.indexOf(0, start);
    const valueEnd = buffer.indexOf(0, nameEnd + 1);
    this.#serverParameters.set(buffer.toString('utf8', start, nameEnd), buffer.toString('utf8', nameEnd + 1, valueEnd));
  }

  // Ending

  #lose(error: FacetError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#socket.destroy();
    this.#rejectAll();
    this.onLost?.(error);
  }

  #rejectAll(): void {
    const failure = this.#failure;
    assert(failure !== undefined, 'a connection that rejects has failed');
    for (const request of this.#requests.splice(0)) request.reject(request.error ?? failure);
  }

  /** For a request that never left: it certainly had no effect. */
  #notSent(): FacetError {
    return new FacetError('engine_unavailable', 'the connection is closed', { cause: this.#failure });
  }
}

function statusOf(code: number): TransactionStatus {
  return code === 0x49 ? 'idle' : code === 0x54 ? 'open' : 'failed';
}
