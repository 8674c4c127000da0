// A client that hides nothing: words or raw bytes go out, replies come back one by one as they were sent, pushed ones too.

import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { type RespReply, parseReply } from './resp-reply.ts';

const replyTimeoutMs = 10_000;

export type RedisAddress = { readonly host: string; readonly port: number };

/** Of a URL such as a server announces: `redis://user:password@host:port`. */
export function addressOf(url: string): RedisAddress {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

/** The server hung up instead of replying. */
export const closed = Symbol('closed');

export class RespClient {
  readonly #socket: Socket;
  /** What came and was not read yet. */
  #received: Buffer[] = [];
  #isClosed = false;
  /** Called when more has come, or the server has hung up. */
  #news: (() => void) | undefined;

  /** Rejects when nobody listens there. */
  static async connect({ host, port }: RedisAddress): Promise<RespClient> {
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    return new RespClient(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received.push(chunk);
      this.#news?.();
    });
    // A reset says no more than `close`, which follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#isClosed = true;
      this.#news?.();
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Sends one command and resolves with its reply. */
  async call(...words: readonly (string | Buffer)[]): Promise<RespReply | typeof closed> {
    this.send(words);
    return await this.receive();
  }

  send(words: readonly (string | Buffer)[]): void {
    this.sendBytes(encodeRequest(words));
  }

  sendBytes(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** The next reply. Rejects when none comes in time. */
  async receive(timeoutMs = replyTimeoutMs): Promise<RespReply | typeof closed> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const reply = this.#take();
      if (reply !== undefined) return reply;
      if (this.#isClosed) return closed;
      await this.#waitForNews(deadline - performance.now());
    }
  }

  /** Takes nothing of what the server sends until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(): RespReply | undefined {
    if (this.#received.length === 0) return undefined;
    const buffer = this.#received.length === 1 ? this.#received[0]! : Buffer.concat(this.#received);
    const parsed = parseReply(buffer);
    const rest = parsed === undefined ? buffer : buffer.subarray(parsed.end);
    this.#received = rest.length === 0 ? [] : [rest];
    return parsed?.reply;
  }

  #waitForNews(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no reply')), timeoutMs);
      this.#news = () => {
        this.#news = undefined;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** A request as clients send it: an array of bulk strings. */
export function encodeRequest(words: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = Buffer.from(word as Buffer);
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}
