// Reads requests: arrays of bulk strings, or inline commands, cut at any byte ("Sending commands to a Redis server").
// The errors, after which the connection is closed, are those of Redis's networking.c.

import { Buffer } from 'node:buffer';
import { GatheredBytes, longBytes } from '../../kernel/gathered-bytes.ts';
import { commandName } from './command-name.ts';
import { splitInline } from './inline-request.ts';
import { redisLimits } from './limits.ts';
import { parseInt64 } from './numbers.ts';
import { RedisError } from './redis-error.ts';

export type RequestLimits = {
  /** `proto-max-bulk-len`. */
  readonly bulkBytes: () => number;
  /** Who has not authenticated may send little. */
  readonly authenticated: () => boolean;
};

const noArguments: readonly Buffer[] = [];

export class RequestParser {
  readonly #limits: RequestLimits;
  /** What has come and is not consumed: `#chunk` from `#offset`, then `#later`, whose bytes `#laterBytes` counts. */
  #chunk: Buffer = Buffer.alloc(0);
  #offset = 0;
  #later: Buffer[] = [];
  #laterBytes = 0;
  /** Of an array: arguments still to come, those that are here, and the length of the next one (-1: not known yet). */
  #remaining = 0;
  #arguments: Buffer[] = [];
  #argumentBytes = 0;
  #bulkLength = -1;
  /** Of a long argument that has not come whole. */
  #gathered: GatheredBytes | undefined;

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  /** Bytes that were received and belong to no complete request. */
  get bufferedBytes(): number {
    return this.#chunk.length - this.#offset + this.#laterBytes + (this.#gathered?.length ?? 0);
  }

  /** Bytes of memory, roughly, that all this takes with the arguments of a request that has not come whole. */
  get heldBytes(): number {
    return this.bufferedBytes + this.#argumentBytes + this.#arguments.length * redisLimits.argumentOverheadBytes;
  }

  push(chunk: Buffer): void {
    if (this.#offset === this.#chunk.length && this.#laterBytes === 0) {
      this.#chunk = chunk;
      this.#offset = 0;
      return;
    }
    this.#later.push(chunk);
    this.#laterBytes += chunk.length;
  }

  /**
   * The next request: its arguments, an empty list for an empty request, undefined when it is not complete.
   * Throws `RedisError` for what is not a request.
   */
  next(): readonly Buffer[] | undefined {
    if (this.#remaining === 0) {
      const line = this.#peekByte();
      if (line === undefined) return undefined;
      if (line !== 0x2a) return this.#inline();
      const count = this.#arrayHeader();
      if (count === undefined) return undefined;
      if (count <= 0) return noArguments;
      this.#remaining = count;
      this.#arguments = [];
    }
    while (this.#remaining > 0) {
      const argument = this.#bulk();
      if (argument === undefined) return undefined;
      this.#arguments.push(argument);
      this.#argumentBytes += argument.length;
      this.#remaining -= 1;
    }
    const complete = this.#arguments;
    this.#arguments = [];
    this.#argumentBytes = 0;
    return complete;
  }

  #inline(): readonly Buffer[] | undefined {
    const line = this.#takeLine('Protocol error: too big inline request');
    if (line === undefined) return undefined;
    const found = splitInline(line);
    if (found === undefined) throw new RedisError('ERR Protocol error: unbalanced quotes in request');
    return found;
  }

  /**
   * The number in a line of a type byte, up to nine digits, and CR LF, all of it here: what nearly every header is.
   * Undefined, with nothing consumed, for anything else.
   */
  #plainHeader(type: number): number | undefined {
    const chunk = this.#chunk;
    let at = this.#offset;
    if (chunk[at] !== type) return undefined;
    const first = at + 1;
    let value = 0;
    for (at = first; at < first + 9; at++) {
      const digit = chunk[at]! - 0x30;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    const isStrict = at > first && (chunk[first] !== 0x30 || at === first + 1);
    if (!isStrict || chunk[at] !== 0x0d || chunk[at + 1] !== 0x0a) return undefined;
    this.#offset = at + 2;
    return value;
  }

  #arrayHeader(): number | undefined {
    const plain = this.#plainHeader(0x2a);
    if (plain !== undefined && (plain <= redisLimits.unauthenticatedArguments || this.#limits.authenticated())) return plain;
    if (plain !== undefined) throw new RedisError('ERR Protocol error: unauthenticated multibulk length');
    const line = this.#takeLine('Protocol error: too big mbulk count string');
    if (line === undefined) return undefined;
    const count = parseInt64(line.subarray(1));
    if (count === undefined || count > redisLimits.arguments) throw new RedisError('ERR Protocol error: invalid multibulk length');
    if (count > redisLimits.unauthenticatedArguments && !this.#limits.authenticated()) {
      throw new RedisError('ERR Protocol error: unauthenticated multibulk length');
    }
    return Number(count);
  }

  #bulk(): Buffer | undefined {
    if (this.#bulkLength < 0) {
      const length = this.#plainHeader(0x24) ?? this.#bulkHeader();
      if (length === undefined) return undefined;
      if (length > this.#limits.bulkBytes()) throw new RedisError('ERR Protocol error: invalid bulk length');
      if (length > redisLimits.unauthenticatedBulkBytes && !this.#limits.authenticated()) {
        throw new RedisError('ERR Protocol error: unauthenticated bulk length');
      }
      this.#bulkLength = length;
    }
    if (this.#gathered !== undefined) return this.#longBulk(this.#gathered);
    if (this.bufferedBytes < this.#bulkLength + 2) {
      if (this.#bulkLength > longBytes) return this.#longBulk((this.#gathered = new GatheredBytes(this.#bulkLength + 2)));
      return undefined;
    }
    this.#gather(this.#bulkLength + 2);
    const isName = this.#arguments.length === 0;
    const argument = isName ? commandName(this.#chunk, this.#offset, this.#bulkLength) : this.#chunk.subarray(this.#offset, this.#offset + this.#bulkLength);
    this.#offset += this.#bulkLength + 2;
    this.#bulkLength = -1;
    return argument;
  }

  #longBulk(gathered: GatheredBytes): Buffer | undefined {
    for (;;) {
      this.#offset += gathered.add(this.#chunk.subarray(this.#offset));
      if (gathered.length === this.#bulkLength + 2) break;
      if (this.#laterBytes === 0) return undefined;
      this.#advance();
    }
    const argument = gathered.take().subarray(0, this.#bulkLength);
    this.#gathered = undefined;
    this.#bulkLength = -1;
    return argument;
  }

  #bulkHeader(): number | undefined {
    const line = this.#takeLine('Protocol error: too big bulk count string');
    if (line === undefined) return undefined;
    if (line[0] !== 0x24) throw new RedisError(`ERR Protocol error: expected '$', got '${printable(line[0])}'`);
    const length = parseInt64(line.subarray(1));
    if (length === undefined || length < 0n) throw new RedisError('ERR Protocol error: invalid bulk length');
    return Number(length);
  }

  #peekByte(): number | undefined {
    if (this.#offset === this.#chunk.length) this.#advance();
    return this.#chunk[this.#offset];
  }

  /** The bytes up to the next line feed, without it and a carriage return before it; consumed. */
  #takeLine(tooLong: string): Buffer | undefined {
    if (this.#offset === this.#chunk.length) this.#advance();
    let end = this.#chunk.indexOf(0x0a, this.#offset);
    if (end < 0 && this.#laterBytes > 0) {
      this.#gather(Math.min(this.bufferedBytes, redisLimits.inlineBytes + 1));
      end = this.#chunk.indexOf(0x0a, this.#offset);
    }
    if (end < 0) {
      if (this.bufferedBytes > redisLimits.inlineBytes) throw new RedisError(`ERR ${tooLong}`);
      return undefined;
    }
    const lineEnd = end > this.#offset && this.#chunk[end - 1] === 0x0d ? end - 1 : end;
    const line = this.#chunk.subarray(this.#offset, lineEnd);
    this.#offset = end + 1;
    return line;
  }

  /** Makes `bytes` of what is there contiguous. Each byte is copied at most once a request. */
  #gather(bytes: number): void {
    if (this.#chunk.length - this.#offset >= bytes) return;
    this.#chunk = Buffer.concat([this.#chunk.subarray(this.#offset), ...this.#later]);
    this.#offset = 0;
    this.#later = [];
    this.#laterBytes = 0;
  }

  #advance(): void {
    const next = this.#later.shift();
    if (next === undefined) return;
    this.#laterBytes -= next.length;
    this.#chunk = next;
    this.#offset = 0;
  }
}

function printable(byte: number | undefined): string {
  // An empty line: the carriage return, which cannot stand in an error.
  return byte === undefined ? ' ' : String.fromCharCode(byte);
}
