// One client's connection: its state, the order of its replies, its output. What commands do is not known here.

import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { StoreTransaction } from '../../access/shared-transactions.ts';
import type { KeyOrigin, KeyReply, KeyRequest, KeyStore } from '../../facets/keyvalue/index.ts';
import { BlockingRequest } from './blocking-request.ts';
import { redisLimits } from './limits.ts';
import { LongReply } from './long-reply.ts';
import { asRedisError } from './redis-error.ts';
import { RunningRequest } from './running-request.ts';
import { ReplySlot } from './reply-slot.ts';
import { ReplyWriter } from './reply-writer.ts';
import { Push, Replies, type Reply } from './reply.ts';
import { RequestParser } from './request-parser.ts';
import type { RedisServer } from './server.ts';
import type { Transaction } from './transaction.ts';

/** What a connection can subscribe to; names are strings of one character a byte. */
export const subscriptionKinds = ['channel', 'pattern', 'shard'] as const;
export type SubscriptionKind = (typeof subscriptionKinds)[number];

export class RedisConnection {
  readonly id: number;
  readonly server: RedisServer;
  readonly socket: Socket;
  readonly createdAtMs = Date.now();
  /** Of `performance.now()`. */
  lastRequestAt = performance.now();
  lastCommand = '';
  name = '';
  readonly subscriptions: Readonly<Record<SubscriptionKind, Set<string>>> = { channel: new Set(), pattern: new Set(), shard: new Set() };
  /** It sees every request of the server (MONITOR). */
  isMonitor = false;
  /** CLIENT NO-EVICT, shown by CLIENT LIST. */
  isProtected = false;
  /** Its writes are acknowledged before they are safe on disk, or not; undefined: as `appendfsync` says. */
  durability: 'always' | 'relaxed' | undefined;
  /** Since when its output has been above the soft limit. */
  softLimitSinceMs: number | undefined;
  /** The selected database. */
  space = 0;
  /** The role that it acts as; undefined before authentication. */
  role: string | undefined;
  /** May use what concerns the whole server (the flag `admin`): a superuser, or the server's administrator. */
  isAdministrator = false;
  store: KeyStore | undefined;
  origin: KeyOrigin | undefined;
  /** Between MULTI and EXEC; with watched keys also before. */
  transaction: Transaction | undefined;
  /** The transaction of another connection that it works in (FACETDB JOIN). */
  joined: StoreTransaction | undefined;
  /** The request under way that may wait (BLPOP and its like). */
  blocking: BlockingRequest | undefined;
  readonly #parser: RequestParser;
  readonly #writer = new ReplyWriter();
  readonly #slots: ReplySlot[] = [];
  /** The reply of the first slot, where it is being written a slice at a time. */
  #long: LongReply | undefined;
  #longWaits = false;
  /** CLIENT REPLY. */
  #replies: 'on' | 'off' | 'skip-next' = 'on';
  /** The request that is being dispatched, and its slot. */
  #request: readonly Buffer[] | undefined;
  #current: ReplySlot | undefined;
  #address: string | undefined;
  #holds = 0;
  #flushScheduled = false;
  #isReading = true;
  #isClosing = false;

  constructor(server: RedisServer, socket: Socket, id: number) {
    this.server = server;
    this.socket = socket;
    this.id = id;
    this.#parser = new RequestParser({ bulkBytes: () => server.bulkBytes, authenticated: () => this.role !== undefined });
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => {
      if (this.#longWaits) this.#writeSlice();
      this.#continueReading();
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.server.disconnected(this));
  }

  /** The protocol version, 2 or 3. */
  get protocol(): number {
    return this.#writer.protocol;
  }

  set protocol(version: number) {
    this.#writer.protocol = version;
  }

  /** What was received and is not carried out; within a request, that too. */
  get queryBufferBytes(): number {
    return this.#parser.bufferedBytes + (this.#request === undefined ? 0 : bytesOf(this.#request));
  }

  /** Bytes of the arguments of the request that is being dispatched. */
  get argumentBytes(): number {
    return this.#request === undefined ? 0 : sumOfLengths(this.#request);
  }

  /** Acts as a role from now on. */
  become(role: string, { superuser }: { superuser: boolean } = { superuser: false }): void {
    this.joined = undefined;
    this.role = role;
    this.isAdministrator = superuser || role === this.server.options.defaultRole;
    this.store = this.server.keyvalue.store(role);
    this.origin = this.store.origin();
  }

  /** Asks the store for one request: in the transaction that it joined, or in one of its own. */
  submit<Request extends KeyRequest>(mode: 'read' | 'write', request: Request, done: KeyReply<Request>): void {
    if (this.joined === undefined) this.store!.submit(this.origin!, mode, request, done);
    else this.store!.submitWithin(this.joined, mode, request, done);
  }

  /** No longer acts as anybody. */
  forgetRole(): void {
    this.joined = undefined;
    this.role = undefined;
    this.isAdministrator = false;
    this.store = undefined;
    this.origin = undefined;
  }

  /** Its role as clients name it. */
  get userName(): string {
    return this.role === undefined || this.role === this.server.options.defaultRole ? 'default' : this.role;
  }

  /** Its writes may be acknowledged before they are safe on disk: its own choice, or the server's. */
  get isRelaxed(): boolean {
    return this.durability === undefined ? this.server.configuration.isRelaxed : this.durability === 'relaxed';
  }

  /** Bytes that the client has not taken yet. */
  get outputBytes(): number {
    return this.socket.writableLength + (this.#long?.remainingBytes ?? 0);
  }

  /** What it takes in this process, roughly: what has come of requests, those that are under way, replies. */
  get memoryBytes(): number {
    let underWay = 0;
    for (const slot of this.#slots) {
      if (slot instanceof RunningRequest) underWay += sumOfLengths(slot.words);
      if (Buffer.isBuffer(slot.reply)) underWay += slot.reply.length;
    }
    return this.#parser.heldBytes + underWay + (this.transaction?.queuedBytes ?? 0) + this.outputBytes;
  }

  /** Requests that are not answered yet. */
  get outstanding(): number {
    return this.#slots.length;
  }

  get isClosing(): boolean {
    return this.#isClosing || this.socket.destroyed;
  }

  /** The client's address, `ip:port`. */
  get address(): string {
    return (this.#address ??= addressOf(this.socket.remoteAddress, this.socket.remotePort));
  }

  /** The address that the client connected to. */
  get localAddress(): string {
    return addressOf(this.socket.localAddress, this.socket.localPort);
  }

  /** CLIENT REPLY: whether this request and later ones are answered. */
  setReplies(mode: 'on' | 'off'): void {
    this.#replies = mode;
    if (mode === 'on' && this.#current !== undefined) this.#current.isMuted = false;
  }

  /** CLIENT REPLY SKIP: the next request is not answered. */
  skipNextReply(): void {
    if (this.#replies === 'on') this.#replies = 'skip-next';
  }

  /** Reads no further requests until `release`, which is called as often. */
  hold(): void {
    this.#holds += 1;
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds === 0 && !this.#isReading && !this.#mustPause()) setImmediate(() => this.#continueReading());
  }

  /**
   * Output that does not answer a request: pushed and published messages. It follows the replies that are due before
   * it, and does not wait for a request that waits (BLPOP).
   */
  push(reply: Reply): void {
    if (this.isClosing) return;
    const last = this.#slots.length - (this.blocking === undefined ? 0 : 1);
    if (last > 0) this.#slots.splice(last, 0, this.#doneSlot(reply));
    else {
      this.#writer.write(reply);
      this.#scheduleFlush();
    }
  }

  /** A request that may wait is about to be carried out: no further ones are read until it ended. */
  startBlocking(done: (reply: Reply) => void): BlockingRequest {
    this.blocking = new BlockingRequest(this, done);
    return this.blocking;
  }

  blockingEnded(request: BlockingRequest): void {
    if (this.blocking !== request) return;
    this.blocking = undefined;
    setImmediate(() => this.#continueReading());
  }

  /** True while it subscribes to channels; RESP2 then allows little else. */
  get isSubscriber(): boolean {
    const { channel, pattern, shard } = this.subscriptions;
    return channel.size + pattern.size + shard.size > 0;
  }

  /** After the socket closed. */
  cleanUp(): void {
    this.blocking?.abandon();
  }

  /** Sends what is due, then hangs up. A client that waits gets no reply. */
  closeAfterReplies(): void {
    this.#isClosing = true;
    if (this.blocking?.isWaiting === true) {
      this.blocking.abandon();
      this.blocking = undefined;
      this.#slots.pop();
    }
    this.#advance();
  }

  /** Hangs up at once. */
  cut(): void {
    this.#isClosing = true;
    this.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.server.statistics.inputBytes += chunk.length;
    this.server.eviction.moved(chunk.length);
    if (this.#isClosing) return;
    this.#parser.push(chunk);
    this.#readRequests();
  }

  #readRequests(): void {
    try {
      while (!this.#isClosing && !this.#mustPause()) {
        const request = this.#parser.next();
        if (request === undefined) break;
        if (request.length > 0) this.#dispatch(request);
      }
      if (this.#parser.heldBytes > this.server.configuration.integer('client-query-buffer-limit')) this.cut();
    } catch (error) {
      // What is not a request cannot be followed by one.
      this.#slots.push(this.#doneSlot(asRedisError(error)));
      this.closeAfterReplies();
    }
  }

  /** True, and reading pauses, when the client is too far ahead. */
  #mustPause(): boolean {
    const isAhead =
      this.blocking !== undefined || this.#holds > 0 || this.#slots.length >= redisLimits.outstandingRequests || this.socket.writableLength > redisLimits.pausedOutputBytes;
    if (isAhead && this.#isReading) {
      this.#isReading = false;
      // A client that waits is still watched for hanging up.
      if (this.blocking === undefined) this.socket.pause();
    }
    return isAhead;
  }

  #continueReading(): void {
    if (this.#isReading || this.#isClosing) return;
    this.#isReading = true;
    this.socket.resume();
    this.#readRequests();
  }

  #dispatch(request: readonly Buffer[]): void {
    this.#request = request;
    this.lastRequestAt = performance.now();
    this.server.dispatcher.dispatch(this, request);
    this.#current = undefined;
    this.#request = undefined;
  }

  /** The request that is being dispatched takes its place in the line of replies. */
  expect(slot: ReplySlot): void {
    if (this.#replies !== 'on') {
      slot.isMuted = true;
      if (this.#replies === 'skip-next') this.#replies = 'on';
    }
    this.#slots.push(slot);
    this.#current = slot;
  }

  /** A reply is known. */
  answered(slot: ReplySlot): void {
    if (this.#slots[0] === slot) this.#advance();
  }

  #doneSlot(reply: Reply): ReplySlot {
    const slot = new ReplySlot(this);
    slot.reply = reply;
    slot.isDone = true;
    return slot;
  }

  /** Writes the replies whose turn it is. */
  #advance(): void {
    if (this.#long !== undefined) return;
    let done = 0;
    while (done < this.#slots.length && this.#slots[done]!.isDone) {
      const { reply, isMuted } = this.#slots[done]!;
      if (!isMuted || isPushed(reply)) {
        this.#long = LongReply.of(reply);
        if (this.#long !== undefined) break;
        this.#writer.write(reply);
      }
      done += 1;
    }
    if (done === 1) this.#slots.shift();
    else if (done > 0) this.#slots.splice(0, done);
    this.#scheduleFlush();
    // As in Redis, a client whose limit it would go beyond is cut before any of it is sent.
    if (this.#long !== undefined && !this.server.refusesOutput(this, 0)) this.#writeSlice();
    if (!this.#isReading && !this.#mustPause()) setImmediate(() => this.#continueReading());
  }

  /** Writes the next slice of a long reply; others have their turn before the one after it. */
  #writeSlice(): void {
    this.#longWaits = false;
    if (this.#long === undefined || this.socket.destroyed) return;
    const isWhole = this.#long.writeSlice(this.#writer);
    this.#scheduleFlush();
    if (isWhole) {
      this.#long = undefined;
      this.#slots.shift();
      this.#advance();
    } else setImmediate(() => this.#nextSlice());
  }

  #nextSlice(): void {
    this.#longWaits = this.socket.writableLength > redisLimits.pausedOutputBytes;
    if (!this.#longWaits) this.#writeSlice();
  }

  /** The client has a moment to read the last reply; what it still sends is thrown away. */
  #hangUp(): void {
    if (this.socket.writableEnded) return;
    this.socket.end();
    this.socket.resume();
    setTimeout(() => this.socket.destroy(), redisLimits.lingerMs).unref();
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    this.server.output.add(this);
  }

  /** Sends what was written; the server's `OutputQueue` calls it. */
  flush(): void {
    this.#flushScheduled = false;
    if (this.socket.destroyed) return;
    const chunks = this.#writer.take();
    const bytes = sumOfLengths(chunks);
    if (bytes > 0 && this.server.refusesOutput(this, bytes)) return;
    this.server.statistics.outputBytes += bytes;
    this.server.eviction.moved(bytes);
    if (chunks.length === 1) this.socket.write(chunks[0]!);
    else if (chunks.length > 1) {
      this.socket.cork();
      for (const chunk of chunks) this.socket.write(chunk);
      this.socket.uncork();
    }
    if (this.#isClosing && this.#slots.length === 0) this.#hangUp();
    else if (this.socket.writableLength > 0) this.server.checkOutput(this);
  }
}

/** A request as it came: an array of bulk strings, with its headers and line ends. */
function bytesOf(request: readonly Buffer[]): number {
  const headers = request.reduce((sum, { length }) => sum + String(length).length + 5, String(request.length).length + 3);
  return headers + sumOfLengths(request);
}

function sumOfLengths(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** Confirmations of subscriptions, like messages, come even when CLIENT REPLY has silenced replies. */
function isPushed(reply: Reply): boolean {
  return reply instanceof Push || (reply instanceof Replies && reply.items.every(isPushed));
}

function addressOf(address = '', port = 0): string {
  // An IPv4 client of a listener for both looks like ::ffff:127.0.0.1.
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}

