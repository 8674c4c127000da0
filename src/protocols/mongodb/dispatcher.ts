// One request's way: look up, read the fields, authentication, session and transaction, run, reply or error.

import { setTimeout as sleep } from 'node:timers/promises';
import type { HeldTransaction, StoreTransaction } from '../../access/shared-transactions.ts';
import { DocumentError, type Operation } from '../../facets/documents/index.ts';
import { decodeDocument, elementCount, rawElements } from '../../values/bson/decode.ts';
import { encodeDocument } from '../../values/bson/encode.ts';
import { isNumeric, type Document, type Timestamp } from '../../values/bson/types.ts';
import type { Command, CommandContext, Reply } from './command.ts';
import type { MongodbClient } from './client.ts';
import { type ErrorPlace, documentErrorOf, errorReply, labelsOf } from './errors.ts';
import type { Failure } from './fail-points.ts';
import { type GenericValues, type WantedSnapshot, checkReadConcern, isGeneric, readGenericFields, sessionIdOf, writeConcernErrorOf } from './generic-fields.ts';
import { numberOf, readFields } from './fields.ts';
import { Interruption } from './interruption.ts';
import { assertCommandAsQuery } from './legacy-reads.ts';
import { joinedToken } from './joined-transaction.ts';
import { type Request, messageHeadBytes } from './message.ts';
import { RawDocuments, okElement, withTail } from './raw-documents.ts';
import { commandNamed } from './registry.ts';
import type { MongodbServer } from './server.ts';
import type { LogicalSession } from './sessions.ts';
import { unsupportedCommands } from './unsupported-commands.ts';

type SnapshotRead = { readonly time: Timestamp; readonly transaction: HeldTransaction };

/** What is known of a request while it runs. */
type Running = {
  readonly connection: MongodbClient;
  readonly request: Request;
  /** Both empty until the request's documents are found to be BSON. */
  name: string;
  body: Document;
  command: Command | undefined;
  generic: GenericValues | undefined;
  session: LogicalSession | undefined;
  /** It is a statement of its session's transaction; what is refused before that leaves the transaction as it is. */
  isStatement: boolean;
  failure: Failure | undefined;
  /** That it reads, outside of transactions. */
  snapshot: SnapshotRead | undefined;
};

/** What a command is a part of. */
type Place = Pick<Operation, 'transaction' | 'retryable'>;

const nowhere: Place = {};
const endOfDocument = Buffer.from([0]);

/** Its signal is made once somebody asks for it. */
class CommandOperation implements Operation {
  readonly role: string;
  readonly client: number;
  readonly transaction: Operation['transaction'];
  readonly retryable: Operation['retryable'];
  readonly isTimed: boolean;
  readonly #abort: Interruption;

  constructor({ role, client, transaction, retryable, isTimed, abort }: Place & { readonly role: string; readonly client: number; readonly isTimed: boolean; readonly abort: Interruption }) {
    this.role = role;
    this.client = client;
    this.transaction = transaction;
    this.retryable = retryable;
    this.isTimed = isTimed;
    this.#abort = abort;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }
}

/** Ends the connection without a reply. */
export class HangUp extends Error {}

export class Dispatcher {
  readonly #server: MongodbServer;

  constructor(server: MongodbServer) {
    this.#server = server;
  }

  /** The reply, as BSON behind `messageHeadBytes` of room. Throws HangUp. */
  async dispatch(connection: MongodbClient, request: Request): Promise<Buffer> {
    const startedAt = performance.now();
    const running: Running = { connection, request, name: '', body: placeholder, command: undefined, generic: undefined, session: undefined, isStatement: false, failure: undefined, snapshot: undefined };
    let reply: Reply | undefined;
    try {
      // The message was framed well, so that a document in it that is malformed ends only its command.
      running.body = bodyOf(request);
      [running.name = ''] = running.body.keys();
      reply = await this.#run(running);
      return this.#encode(running, reply);
    } catch (error) {
      if (error instanceof HangUp) throw error;
      reply = undefined;
      return this.#encode(running, await this.#failed(running, error));
    } finally {
      const seconds = (performance.now() - startedAt) / 1_000;
      this.#count(running, reply, seconds * 1_000_000);
      this.#server.options.observer.requestDone('mongodb', { operation: running.command?.name ?? 'unknown', outcome: reply === undefined ? 'error' : 'ok', seconds });
    }
  }

  #count(running: Running, reply: Reply | undefined, micros: number): void {
    const { command, body } = running;
    const { times, counters } = this.#server;
    if (command === undefined) return counters.unknownCommand();
    times.record(command.name, namespaceOf(running), micros);
    counters.done({ command: command.name, body, reply, micros });
  }

  async #run(running: Running): Promise<Reply> {
    const { connection, name, body } = running;
    if (running.request.kind === 'query') assertCommandAsQuery(name);
    const command = lookUp(name);
    running.command = command;
    if (elementCount(running.request.body) + running.request.sequences.size !== body.size) assertNoDuplicates(running, command.name);
    // As in MongoDB, a command that cannot be read is told so before anybody asks who sent it.
    const named = name === command.name ? body : new Map([...body].map(([field, value]) => [field === name ? command.name : field, value]));
    const fields = readFields(named, command.fields, { path: command.name, isOther: command.takesOthers === true ? () => true : isGeneric });
    const generic = readGenericFields(body, command.name);
    running.generic = generic;
    if (running.request.kind === 'message' && generic.$db === undefined) throw new DocumentError(40_571, 'OP_MSG requests require a $db argument');
    this.#assertAllowed(running, command);
    running.failure = this.#server.failPoints?.meet(command.name, { appName: connection.appName, namespace: namespaceOf(running) });
    if (running.failure !== undefined) await fail(running.failure);
    const abort = new Interruption();
    const maxTimeMs = generic.maxTimeMS === undefined || generic.maxTimeMS === 0n ? undefined : Number(generic.maxTimeMS);
    const placing = this.#place(running, command);
    const place = (placing instanceof Promise ? await placing : placing) ?? nowhere;
    const operation = new CommandOperation({ role: connection.role ?? '', client: connection.id, ...place, isTimed: maxTimeMs !== undefined, abort });
    const timer = maxTimeMs === undefined || command.name === 'getMore' ? undefined : setTimeout(() => abort.abort(new DocumentError('MaxTimeMSExpired', 'operation exceeded time limit')), maxTimeMs);
    const context: CommandContext = {
      server: this.#server, connection, documents: this.#server.documents, database: generic.$db ?? databaseOf(running.request), operation,
      session: running.session, txnNumber: generic.txnNumber, readConcernLevel: levelOf(generic.readConcern), name, maxTimeMs, body, abort,
      rawDocuments: (field) => rawDocumentsOf(running.request, field),
    };
    connection.started({ command: command.name, body, abort, context });
    try {
      const concernError = writeConcernErrorOf(generic.writeConcern);
      const reply = await command.run(fields as never, context);
      if (running.snapshot !== undefined) await this.#afterSnapshot(reply, running.snapshot);
      return withWriteConcernError(reply, running.failure?.writeConcernError ?? concernError, placeOf(running));
    } finally {
      connection.ended();
      clearTimeout(timer);
    }
  }

  #assertAllowed({ connection, name, generic }: Running, command: Command): void {
    if (command.anonymous !== true && connection.role === undefined) throw new DocumentError('Unauthorized', `Command ${name} requires authentication`);
    if (command.adminOnly === true && generic?.$db !== undefined && generic.$db !== 'admin') {
      throw new DocumentError('Unauthorized', `${command.name} may only be run against the admin database.`);
    }
    if (generic?.writeConcern !== undefined && command.concern !== 'write' && command.concern !== 'both') throw new DocumentError('InvalidOptions', 'Command does not support writeConcern');
    if (generic?.apiStrict === true && command.apiVersion1 !== true) {
      throw new DocumentError('APIStrictError', `Provided apiStrict:true, but the command ${command.name} is not in API Version 1.`);
    }
  }

  /** Of its session and transaction; undefined for what is in neither. Throws DocumentError. */
  #place(running: Running, command: Command): Promise<Place | undefined> | Place | undefined {
    const { connection, generic } = running;
    const role = connection.role ?? '';
    const { txnNumber, autocommit, startTransaction, readConcern } = generic!;
    const token = joinedToken(generic!);
    if (connection.transaction !== undefined && command.anonymous !== true) return { transaction: joinable(connection.transaction, generic!, command) };
    if (token !== undefined && connection.role !== undefined) return { transaction: joinable(this.#server.options.transactions.join(token, role), generic!, command) };
    const id = sessionIdOf(generic!);
    const inTransaction = autocommit === false;
    const wanted = command.anonymous === true ? undefined : checkReadConcern(readConcern, { command, inTransaction });

    if (autocommit === true) throw new DocumentError('InvalidOptions', 'Specifying autocommit=true is not allowed.');
    if (startTransaction === false) throw new DocumentError('InvalidOptions', 'Specifying startTransaction=false is not allowed.');
    if (id === undefined) {
      if (txnNumber !== undefined) throw new DocumentError('InvalidOptions', 'Transaction number requires a session ID to also be specified');
      if (inTransaction || startTransaction) throw new DocumentError('InvalidOptions', "'autocommit' field requires a transaction number to also be specified");
      return wanted === undefined ? undefined : this.#inSnapshot(running, wanted, role);
    }
    if (connection.role === undefined) return undefined;
    const session = this.#server.sessions.use(id, role);
    running.session = session;
    if (txnNumber === undefined) {
      if (inTransaction) throw new DocumentError('InvalidOptions', "'autocommit' field requires a transaction number to also be specified");
      if (startTransaction) throw new DocumentError('InvalidOptions', "'startTransaction' field requires 'autocommit' field to also be specified");
      return wanted === undefined ? undefined : this.#inSnapshot(running, wanted, role);
    }
    if (txnNumber < 0n) throw new DocumentError('InvalidOptions', 'Transaction number cannot be negative');
    if (!inTransaction) return this.#retryable(session, command, { txnNumber, startTransaction });
    const cannotBegin = startTransaction === true ? cannotBeginTransactions.get(command.name) : undefined;
    if (cannotBegin !== undefined) throw new DocumentError('OperationNotSupportedInTransaction', cannotBegin);
    if (command.name === 'commitTransaction' || command.name === 'abortTransaction') return undefined;
    assertInTransaction(command, generic!);
    if (command.concern !== 'write' && namespaceOf(running).endsWith('.system.views')) throw new DocumentError(51_071, 'Cannot query system.views within a transaction');
    return this.#inTransaction(running, session, { txnNumber, isFirst: startTransaction === true });
  }

  async #inTransaction(running: Running, session: LogicalSession, { txnNumber, isFirst }: { readonly txnNumber: bigint; readonly isFirst: boolean }): Promise<Place> {
    const transaction = isFirst ? await session.beginTransaction(txnNumber, () => this.#server.documents.begin(session.role)) : await session.continueTransaction(txnNumber);
    running.isStatement = true;
    return { transaction };
  }

  /** A read of a snapshot outside of the client's transactions. */
  async #inSnapshot(running: Running, wanted: WantedSnapshot, role: string): Promise<Place | undefined> {
    const { snapshots, clock, documents } = this.#server;
    if (running.connection.role === undefined) return undefined;
    const { time, store } = wanted.time === undefined ? await snapshots.keep(clock.now(), await documents.takeSnapshot(role)) : snapshots.find(role, wanted.time);
    running.snapshot = { time, transaction: await store.begin() };
    return { transaction: running.snapshot.transaction };
  }

  /** Ends the read of a snapshot, with its cursor where that stays open, and tells its time. */
  async #afterSnapshot(reply: Reply, snapshot: SnapshotRead): Promise<void> {
    const end = (): Promise<void> => snapshot.transaction.rollback();
    if (!(reply instanceof RawDocuments && reply.cursorId !== 0n && this.#server.cursors.onClosed(reply.cursorId, end))) await end();
    if (reply instanceof RawDocuments) reply.atClusterTime = snapshot.time;
    else reply.set('atClusterTime', snapshot.time);
  }

  async #retryable(session: LogicalSession, command: Command, { txnNumber, startTransaction }: { readonly txnNumber: bigint; readonly startTransaction: boolean | undefined }): Promise<Place> {
    if (startTransaction) throw new DocumentError('InvalidOptions', "'startTransaction' field requires 'autocommit' field to also be specified");
    if (command.retryable !== true) {
      throw new DocumentError(50_768, `txnNumber may only be provided for multi-document transactions and retryable write commands. autocommit:false was not provided, and ${command.name} is not a retryable write command.`);
    }
    await session.beginRetryableWrite(txnNumber);
    return { retryable: { session: session.id, number: txnNumber } };
  }

  async #failed(running: Running, thrown: unknown): Promise<Document> {
    const { session, isStatement, failure, connection, name } = running;
    const error = documentErrorOf(thrown);
    if (error.number === 1 || thrown !== error) this.#server.options.log.debug({ err: thrown, command: name, client: connection.address }, 'a command failed');
    if (error.number === 1) this.#server.options.log.error({ err: thrown, command: name }, 'a command met an internal error');
    const place = placeOf(running);
    await running.snapshot?.transaction.rollback();
    if (isStatement) await session?.end();
    return errorReply(error, failure?.errorLabels ?? labelsOf(error, place));
  }

  #encode({ connection, body }: Running, reply: Reply): Buffer {
    const tail = this.#server.clock.tail();
    if (reply instanceof RawDocuments) return reply.encode([okElement, tail], messageHeadBytes);
    if (!reply.has('ok')) reply.set('ok', 1);
    return withTail(encodeDocument(reply), connection.role !== undefined || body.has('lsid') ? tail : endOfDocument, messageHeadBytes);
  }
}

const cannotBeginTransactions: ReadonlyMap<string, string> = new Map([
  ['killCursors', 'Cannot run killCursors as the first operation in a multi-document transaction.'],
  ['commitTransaction', 'Cannot start a transaction with a commit'],
  ['abortTransaction', 'Cannot start a transaction with an abort'],
]);

/** Whether a command can be a part of a transaction that others opened. Throws DocumentError. */
function joinable(transaction: StoreTransaction, { autocommit }: GenericValues, command: Command): StoreTransaction {
  if (autocommit !== undefined) throw new DocumentError('InvalidOptions', 'a command of a transaction of its own cannot join another transaction');
  if (command.inTransaction !== true) throw new DocumentError('OperationNotSupportedInTransaction', `Cannot run '${command.name}' in a multi-document transaction.`);
  return transaction;
}

/** Throws DocumentError: what a statement within a transaction must not be or have. */
function assertInTransaction(command: Command, { $db: database = '', writeConcern, readConcern, startTransaction }: GenericValues): void {
  if (command.inTransaction !== true) {
    const more = command.name === 'count' ? ' Please see http://dochub.mongodb.org/core/transaction-count for a recommended alternative.' : '';
    throw new DocumentError('OperationNotSupportedInTransaction', `Cannot run '${command.name}' in a multi-document transaction.${more}`);
  }
  if (['admin', 'config', 'local'].includes(database)) throw new DocumentError('OperationNotSupportedInTransaction', `Cannot run command against the '${database}' database in a transaction.`);
  if (writeConcern !== undefined) throw new DocumentError('InvalidOptions', 'writeConcern is not allowed within a multi-statement transaction');
  if (readConcern !== undefined && startTransaction !== true) throw new DocumentError('InvalidOptions', 'Only the first command in a transaction may specify a readConcern');
}

/** Throws DocumentError: of a field that comes twice the decoder keeps the last only. */
function assertNoDuplicates({ request }: Running, command: string): void {
  const names = new Set<string>();
  for (const { name } of rawElements(request.body)) {
    if (names.has(name)) throw new DocumentError('IDLDuplicateField', `BSON field '${command}.${name}' is a duplicate field`);
    names.add(name);
  }
}

function lookUp(name: string): Command {
  const command = commandNamed(name);
  if (command !== undefined) return command;
  const unsupported = unsupportedCommands.get(name);
  if (unsupported !== undefined) throw new DocumentError(unsupported.code ?? 'CommandNotSupported', unsupported.text ?? `the command ${name} is not supported: ${unsupported.reason}`);
  throw new DocumentError('CommandNotFound', `no such command: '${name}'`);
}

/** The command with the documents of its sequences, unless they are kept as bytes (`rawDocuments`). */
function bodyOf({ body, sequences }: Request): Document {
  const document = decodeDocument(body);
  for (const [name, documents] of sequences) {
    if (document.has(name)) throw new DocumentError('InvalidOptions', `duplicate field ${name}: in the command and in a sequence`);
    document.set(name, name === 'documents' ? documents.map(() => placeholder) : documents.map((bytes) => decodeDocument(bytes)));
  }
  return document;
}

/** Stands for a document that is read as bytes only, or not yet. */
const placeholder: Document = new Map();

function rawDocumentsOf({ body, sequences }: Request, field: string): readonly Buffer[] {
  const sequence = sequences.get(field);
  if (sequence !== undefined) return sequence;
  for (const element of rawElements(body)) {
    if (element.name !== field) continue;
    const array = body.subarray(element.start, element.end);
    return [...rawElements(array)].flatMap(({ type, start, end }) => (type === 3 ? [array.subarray(start, end)] : []));
  }
  return [];
}

function levelOf(concern: Document | undefined): string | undefined {
  const level = concern?.get('level');
  return typeof level === 'string' ? level : undefined;
}

function databaseOf({ namespace }: Request): string {
  return namespace?.split('.')[0] ?? 'admin';
}

function namespaceOf({ body, name, generic }: Running): string {
  const target = body.get(name === 'getMore' ? 'collection' : name);
  return typeof target === 'string' ? `${generic?.$db ?? ''}.${target}` : (generic?.$db ?? '');
}

async function fail({ closesConnection, blockMs, errorCode }: Failure): Promise<void> {
  if (blockMs > 0) await sleep(blockMs);
  if (closesConnection) throw new HangUp();
  if (errorCode !== undefined) throw new DocumentError(errorCode, 'Failing command via \'failCommand\' failpoint');
}

function withWriteConcernError(reply: Reply, error: Document | undefined, place: ErrorPlace & { readonly failure: Failure | undefined }): Reply {
  if (error === undefined || !(reply instanceof Map)) return reply;
  reply.set('writeConcernError', error);
  const code = error.get('code');
  const labels = place.failure?.errorLabels ?? (isNumeric(code) ? labelsOf(new DocumentError(numberOf(code), ''), { ...place, inTransaction: false }) : []);
  if (labels.length > 0) reply.set('errorLabels', [...labels]);
  return reply;
}

function placeOf({ command, generic, failure }: Running): ErrorPlace & { readonly failure: Failure | undefined } {
  const inTransaction = generic?.autocommit === false;
  const isCommitOrAbort = command?.name === 'commitTransaction' || command?.name === 'abortTransaction';
  return { inTransaction, isCommitOrAbort, isRetryableWrite: generic?.txnNumber !== undefined && !inTransaction, failure };
}

