// One client's connection: its messages in, its replies out, in order. What commands do is not known here.

import type { Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import type { ScramLogin } from '../../access/authenticator.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Document } from '../../values/bson/types.ts';
import type { MongodbClient, RunningCommand } from './client.ts';
import { HangUp } from './dispatcher.ts';
import { type Frame, FrameReader } from './frame-reader.ts';
import { refuseLegacyRead } from './legacy-reads.ts';
import { mongodbLimits } from './limits.ts';
import { type Request, messageBytesOf, messageHeadBytes, messageReply, queryReply, readRequest, writeMessageHead } from './message.ts';
import type { MongodbServer } from './server.ts';

export class MongodbConnection implements MongodbClient {
  readonly id: number;
  readonly server: MongodbServer;
  readonly socket: Socket;
  readonly createdAtMs = Date.now();
  /** The role that it acts as; undefined before authentication. */
  role: string | undefined;
  isSuperuser = false;
  /** A login between its two steps. */
  login: { readonly conversationId: number; readonly scram: ScramLogin; isProven: boolean } | undefined;
  /** What the client says of itself in its first hello. */
  clientMetadata: Document | undefined;
  appName: string | undefined;
  running: (RunningCommand & { readonly startedAtMs: number; readonly opId: number }) | undefined;
  readonly #frames: FrameReader;
  #waiting: Frame[] = [];
  #isWorking = false;
  #isClosing = false;
  #nextRequestId = randomBytes(4).readUInt32LE() & 0x7fff_ffff;

  constructor(server: MongodbServer, socket: Socket, id: number) {
    this.server = server;
    this.socket = socket;
    this.id = id;
    this.#frames = new FrameReader(() => this.#messageBytes);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      this.#isClosing = true;
      this.running?.abort.abort();
      this.server.disconnected(this);
    });
  }

  /** The client's address, without its port. */
  get host(): string {
    const address = this.socket.remoteAddress ?? '';
    return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  }

  get address(): string {
    return `${this.host}:${this.socket.remotePort ?? 0}`;
  }

  /** Who has not authenticated may send little, also once it is inflated. */
  get #messageBytes(): number {
    return this.role === undefined ? mongodbLimits.firstMessageBytes : mongodbLimits.messageBytes;
  }

  started({ command, body, abort, context }: RunningCommand): void {
    this.running = { command, body, abort, context, startedAtMs: Date.now(), opId: this.server.nextOperationId() };
  }

  ended(): void {
    this.running = undefined;
  }

  /** Answers what is under way, then hangs up. */
  closeAfterReplies(): void {
    this.#isClosing = true;
    if (!this.#isWorking) this.socket.end();
  }

  cut(): void {
    this.#isClosing = true;
    this.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.server.counters.socketBytes.in += chunk.length;
    this.#frames.push(chunk);
    try {
      for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) this.#waiting.push(frame);
    } catch (error) {
      this.#violated(error);
      return;
    }
    if (this.#waiting.length > mongodbLimits.waitingRequests) this.socket.pause();
    if (!this.#isWorking) void this.#work();
  }

  /** One after the other: a client's requests are answered in their order. */
  async #work(): Promise<void> {
    this.#isWorking = true;
    try {
      while (this.#waiting.length > 0 && !this.#isClosing) {
        const batch = this.#waiting;
        this.#waiting = [];
        this.socket.resume();
        for (const frame of batch) {
          if (this.#isClosing) break;
          const request = readRequest(frame, this.#messageBytes);
          if (request.kind === 'legacyRead') {
            if (!this.socket.destroyed && !this.#write(refuseLegacyRead(request, this.#requestId()))) await this.#drained();
            continue;
          }
          const { counters } = this.server;
          counters.requests += 1;
          counters.messageBytes.in += messageBytesOf(request);
          const reply = await this.server.dispatcher.dispatch(this, request);
          counters.messageBytes.out += reply.length;
          if (!request.moreToCome && !this.socket.destroyed && !this.#send(reply, request)) await this.#drained();
        }
      }
    } catch (error) {
      if (error instanceof HangUp) this.cut();
      else this.#violated(error);
    } finally {
      this.#isWorking = false;
      if (this.#isClosing && !this.socket.destroyed) this.socket.end();
    }
  }

  /** `message`: the reply, behind room for the head of an OP_MSG. False where the client does not take its replies: it gets no further ones made. */
  #send(message: Buffer, { kind, requestId: responseTo, compressor }: Request): boolean {
    const head = { requestId: this.#requestId(), responseTo };
    if (kind === 'message' && compressor === undefined) {
      writeMessageHead(message, head);
      return this.#write([message]);
    }
    const document = message.subarray(messageHeadBytes);
    return this.#write(kind === 'query' ? queryReply(document, head) : messageReply(document, { ...head, compressor }));
  }

  #write(pieces: readonly Uint8Array[]): boolean {
    let isFlowing = true;
    if (pieces.length > 1) this.socket.cork();
    for (const piece of pieces) {
      isFlowing = this.socket.write(piece);
      this.server.counters.socketBytes.out += piece.length;
    }
    if (pieces.length > 1) this.socket.uncork();
    return isFlowing || this.socket.writableLength <= mongodbLimits.replyBytes;
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.socket.off('drain', done);
        this.socket.off('close', done);
        resolve();
      };
      this.socket.on('drain', done);
      this.socket.on('close', done);
    });
  }

  #requestId(): number {
    this.#nextRequestId = (this.#nextRequestId + 1) & 0x7fff_ffff;
    return this.#nextRequestId;
  }

  /** What is no message cannot be followed by one. */
  #violated(error: unknown): void {
    this.server.options.log.warn({ client: this.address, reason: messageOf(error) }, 'a client was disconnected');
    this.cut();
  }
}
