// A MongoDB client that does nothing by itself: no sessions, no retries, no pool. For tests that must know exactly what was
// sent; commands and replies are written as Extended JSON.

import assert from 'node:assert/strict';
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { type Frame, FrameReader } from '../../../src/protocols/mongodb/frame-reader.ts';
import { messageReply, readRequest } from '../../../src/protocols/mongodb/message.ts';
import { decodeDocument } from '../../../src/values/bson/decode.ts';
import { encodeDocument } from '../../../src/values/bson/encode.ts';
import { parseExtendedJson, toExtendedJson } from '../../../src/values/bson/extended-json.ts';

export type RawReply = Readonly<Record<string, unknown>> & { readonly ok: number; readonly code?: number; readonly errmsg?: string };

function bytesOf(text: string): unknown {
  return { $binary: { base64: Buffer.from(text).toString('base64'), subType: '00' } };
}

function textOf(binary: unknown): string {
  const { $binary: { base64 } } = binary as { $binary: { base64: string } };
  return Buffer.from(base64, 'base64').toString();
}

function replyOf(frame: Frame): Buffer {
  const reply = readRequest(frame);
  assert(reply.kind === 'message');
  return reply.body;
}

/** Numbers of any type as JavaScript's. */
function plainNumber(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const [[type, text] = ['', '']] = Object.entries(value);
  return ['$numberInt', '$numberDouble', '$numberLong'].includes(type) ? Number(text) : value;
}

export class RawClient {
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  readonly #waiting: { resolve: (reply: RawReply) => void; reject: (error: Error) => void }[] = [];
  #requestId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('connection closed'));
    });
  }

  /** Logs in where the URL has a user. */
  static async connect(url: string): Promise<RawClient> {
    const { hostname, port, username, password } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const client = new RawClient(socket);
    if (username !== '') await client.#logIn(decodeURIComponent(username), decodeURIComponent(password));
    return client;
  }

  /** SCRAM-SHA-256 (RFC 7677) of a password that is ASCII. */
  async #logIn(user: string, password: string): Promise<void> {
    const bare = `n=${user},r=${randomBytes(18).toString('base64')}`;
    const first = await this.command('admin', { saslStart: 1, mechanism: 'SCRAM-SHA-256', payload: bytesOf(`n,,${bare}`) });
    const challenge = textOf(first['payload']);
    const { r: nonce = '', s: salt = '', i: rounds = '' } = Object.fromEntries(challenge.split(',').map((part) => [part[0]!, part.slice(2)]));
    const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(rounds), 32, 'sha256');
    const clientKey = createHmac('sha256', salted).update('Client Key').digest();
    const signature = createHmac('sha256', createHash('sha256').update(clientKey).digest()).update(`${bare},${challenge},c=biws,r=${nonce}`).digest();
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]!)).toString('base64');
    const last = await this.command('admin', { saslContinue: 1, conversationId: 1, payload: bytesOf(`c=biws,r=${nonce},p=${proof}`) });
    if (last.ok !== 1) throw new Error(last.errmsg);
    if (last['done'] !== true) await this.command('admin', { saslContinue: 1, conversationId: 1, payload: bytesOf('') });
  }

  /** The reply, whether it is an error or not. Rejects when the connection ends before it. */
  async command(database: string, command: Readonly<Record<string, unknown>>): Promise<RawReply> {
    if (this.#socket.destroyed) throw new Error('connection closed');
    const document = parseExtendedJson(JSON.stringify({ ...command, $db: database }));
    if (!(document instanceof Map)) throw new TypeError('a command is a document');
    this.#requestId += 1;
    for (const piece of messageReply(encodeDocument(document), { requestId: this.#requestId, responseTo: 0 })) this.#socket.write(piece);
    return await new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#frames.push(chunk);
    for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
      this.#waiting.shift()?.resolve(JSON.parse(toExtendedJson(decodeDocument(replyOf(frame))), plainNumber) as RawReply);
    }
  }
}
