// Keys and values with typed methods, named as Redis's commands. Each method is one command.

import { FacetError } from '../kernel/errors.ts';
import type { PlainReply as KeyReply } from '../protocols/redis/plain-reply.ts';
import type { Bounds, Executor } from './executor.ts';

/** What keys, fields, members and values may be given as. */
export type KeyInput = string | number | bigint | Uint8Array;

export type SetOptions = {
  /** Expires after that many seconds, or milliseconds, or at that time. */
  readonly ex?: number;
  readonly px?: number;
  readonly at?: Date;
  readonly keepttl?: boolean;
  /** Only where the key is not there yet. */
  readonly nx?: boolean;
  /** Only where it is. */
  readonly xx?: boolean;
};

export type ScoredMember<Value> = { readonly member: Value; readonly score: number };
export type RangeOptions = { readonly reverse?: boolean; readonly by?: 'rank' | 'score' | 'member'; readonly offset?: number; readonly count?: number };
export type ScanOptions = { readonly match?: string; readonly count?: number; readonly type?: string };

/** How bulk strings are given back. */
type Decode<Value> = (bytes: Uint8Array) => Value;

const decodeText: Decode<string> = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');

/** `Value`: string, or Buffer for `binary`. Errors: `wrong_kind`, `key_refused` with Redis's text, and those of the store. */
export class KeyValue<Value = string> {
  readonly #executor: Executor;
  readonly #space: number;
  readonly #decode: Decode<Value>;
  readonly #bounds: Bounds;

  private constructor(executor: Executor, { space, decode, bounds }: { readonly space: number; readonly decode: Decode<Value>; readonly bounds: Bounds }) {
    this.#executor = executor;
    this.#space = space;
    this.#decode = decode;
    this.#bounds = bounds;
  }

  static of(executor: Executor): KeyValue {
    return new KeyValue(executor, { space: 0, decode: decodeText, bounds: {} });
  }

  /** The database of that number, 0 to 15. */
  database(space: number): KeyValue<Value> {
    return new KeyValue(this.#executor, { space, decode: this.#decode, bounds: this.#bounds });
  }

  /** The same with values as bytes. */
  get binary(): KeyValue<Buffer> {
    return new KeyValue<Buffer>(this.#executor, { space: this.#space, decode: (bytes) => Buffer.from(bytes), bounds: this.#bounds });
  }

  /** The same with bounds on each command. */
  with(bounds: Bounds): KeyValue<Value> {
    return new KeyValue(this.#executor, { space: this.#space, decode: this.#decode, bounds: { ...this.#bounds, ...bounds } });
  }

  /** Any command by its name, its reply as it is: for what has no method here. */
  async command(name: string, ...args: readonly KeyInput[]): Promise<unknown> {
    return this.#plain(await this.#run(name, ...args));
  }

  // Strings

  async get(key: KeyInput): Promise<Value | null> {
    return this.#value(await this.#run('GET', key));
  }

  /** False where `nx` or `xx` did not hold. */
  async set(key: KeyInput, value: KeyInput, options: SetOptions = {}): Promise<boolean> {
    const { ex, px, at, keepttl, nx, xx } = options;
    const words: KeyInput[] = [];
    if (ex !== undefined) words.push('EX', ex);
    if (px !== undefined) words.push('PX', px);
    if (at !== undefined) words.push('PXAT', at.getTime());
    if (keepttl === true) words.push('KEEPTTL');
    if (nx === true) words.push('NX');
    if (xx === true) words.push('XX');
    return (await this.#run('SET', key, value, ...words)) !== null;
  }

  async getdel(key: KeyInput): Promise<Value | null> {
    return this.#value(await this.#run('GETDEL', key));
  }

  async mget(...keys: readonly KeyInput[]): Promise<(Value | null)[]> {
    return list(await this.#run('MGET', ...keys)).map((reply) => this.#value(reply));
  }

  async mset(entries: Readonly<Record<string, KeyInput>>): Promise<void> {
    await this.#run('MSET', ...Object.entries(entries).flat());
  }

  async incr(key: KeyInput): Promise<number> {
    return await this.incrby(key, 1);
  }

  async incrby(key: KeyInput, by: number | bigint): Promise<number> {
    return number(await this.#run('INCRBY', key, by));
  }

  async incrbyfloat(key: KeyInput, by: number): Promise<number> {
    return Number(decodeText(bytes(await this.#run('INCRBYFLOAT', key, by))));
  }

  async append(key: KeyInput, value: KeyInput): Promise<number> {
    return number(await this.#run('APPEND', key, value));
  }

  async strlen(key: KeyInput): Promise<number> {
    return number(await this.#run('STRLEN', key));
  }

  async getrange(key: KeyInput, start: number, end: number): Promise<Value> {
    return this.#decode(bytes(await this.#run('GETRANGE', key, start, end)));
  }

  // Keys

  async del(...keys: readonly KeyInput[]): Promise<number> {
    return number(await this.#run('DEL', ...keys));
  }

  async exists(...keys: readonly KeyInput[]): Promise<number> {
    return number(await this.#run('EXISTS', ...keys));
  }

  /** In seconds. False where there is no such key. */
  async expire(key: KeyInput, seconds: number): Promise<boolean> {
    return (await this.#run('EXPIRE', key, seconds)) === 1;
  }

  /** In milliseconds. */
  async pexpire(key: KeyInput, milliseconds: number): Promise<boolean> {
    return (await this.#run('PEXPIRE', key, milliseconds)) === 1;
  }

  async pexpireat(key: KeyInput, at: Date): Promise<boolean> {
    return (await this.#run('PEXPIREAT', key, at.getTime())) === 1;
  }

  async persist(key: KeyInput): Promise<boolean> {
    return (await this.#run('PERSIST', key)) === 1;
  }

  /** Milliseconds until it expires; -1 where it does not, -2 where there is no such key. */
  async pttl(key: KeyInput): Promise<number> {
    return number(await this.#run('PTTL', key));
  }

  /** `none` where there is no such key. */
  async type(key: KeyInput): Promise<string> {
    return text(await this.#run('TYPE', key));
  }

  /** Errors: `key_refused` where there is no such key. */
  async rename(from: KeyInput, to: KeyInput): Promise<void> {
    await this.#run('RENAME', from, to);
  }

  /** The keys, each at least once if it is there all the while. */
  async *scan({ match, count, type }: ScanOptions = {}): AsyncGenerator<Value> {
    const options = [...(match === undefined ? [] : ['MATCH', match]), ...(count === undefined ? [] : ['COUNT', count]), ...(type === undefined ? [] : ['TYPE', type])];
    let cursor = '0';
    do {
      const [next, keys] = list(await this.#run('SCAN', cursor, ...options));
      cursor = text(next!);
      for (const key of list(keys!)) yield this.#decode(bytes(key));
    } while (cursor !== '0');
  }

  // Hashes

  async hget(key: KeyInput, field: KeyInput): Promise<Value | null> {
    return this.#value(await this.#run('HGET', key, field));
  }

  async hmget(key: KeyInput, ...fields: readonly KeyInput[]): Promise<(Value | null)[]> {
    return list(await this.#run('HMGET', key, ...fields)).map((reply) => this.#value(reply));
  }

  /** All fields; empty where there is no such key. */
  async hgetall(key: KeyInput): Promise<Record<string, Value>> {
    return Object.fromEntries(pairs(await this.#run('HGETALL', key)).map(([field, value]) => [text(field), this.#decode(bytes(value))]));
  }

  /** Gives how many fields are new. */
  async hset(key: KeyInput, fields: Readonly<Record<string, KeyInput>>): Promise<number> {
    return number(await this.#run('HSET', key, ...Object.entries(fields).flat()));
  }

  async hdel(key: KeyInput, ...fields: readonly KeyInput[]): Promise<number> {
    return number(await this.#run('HDEL', key, ...fields));
  }

  async hincrby(key: KeyInput, field: KeyInput, by: number | bigint): Promise<number> {
    return number(await this.#run('HINCRBY', key, field, by));
  }

  async hlen(key: KeyInput): Promise<number> {
    return number(await this.#run('HLEN', key));
  }

  // Lists

  /** At the left end, one after the other; gives the list's length. */
  async lpush(key: KeyInput, ...values: readonly KeyInput[]): Promise<number> {
    return number(await this.#run('LPUSH', key, ...values));
  }

  async rpush(key: KeyInput, ...values: readonly KeyInput[]): Promise<number> {
    return number(await this.#run('RPUSH', key, ...values));
  }

  async lpop(key: KeyInput): Promise<Value | null> {
    return this.#value(await this.#run('LPOP', key));
  }

  async rpop(key: KeyInput): Promise<Value | null> {
    return this.#value(await this.#run('RPOP', key));
  }

  /** From one place to another, both included; negative ones count from the end. */
  async lrange(key: KeyInput, first = 0, last = -1): Promise<Value[]> {
    return list(await this.#run('LRANGE', key, first, last)).map((reply) => this.#decode(bytes(reply)));
  }

  async llen(key: KeyInput): Promise<number> {
    return number(await this.#run('LLEN', key));
  }

  async ltrim(key: KeyInput, first: number, last: number): Promise<void> {
    await this.#run('LTRIM', key, first, last);
  }

  // Sets

  async sadd(key: KeyInput, ...members: readonly KeyInput[]): Promise<number> {
    return number(await this.#run('SADD', key, ...members));
  }

  async srem(key: KeyInput, ...members: readonly KeyInput[]): Promise<number> {
    return number(await this.#run('SREM', key, ...members));
  }

  async sismember(key: KeyInput, member: KeyInput): Promise<boolean> {
    return (await this.#run('SISMEMBER', key, member)) === 1;
  }

  async smembers(key: KeyInput): Promise<Value[]> {
    return list(await this.#run('SMEMBERS', key)).map((reply) => this.#decode(bytes(reply)));
  }

  async scard(key: KeyInput): Promise<number> {
    return number(await this.#run('SCARD', key));
  }

  /** A member at random, taken out. */
  async spop(key: KeyInput): Promise<Value | null> {
    return this.#value(await this.#run('SPOP', key));
  }

  async sinter(...keys: readonly KeyInput[]): Promise<Value[]> {
    return list(await this.#run('SINTER', ...keys)).map((reply) => this.#decode(bytes(reply)));
  }

  async sunion(...keys: readonly KeyInput[]): Promise<Value[]> {
    return list(await this.#run('SUNION', ...keys)).map((reply) => this.#decode(bytes(reply)));
  }

  async sdiff(...keys: readonly KeyInput[]): Promise<Value[]> {
    return list(await this.#run('SDIFF', ...keys)).map((reply) => this.#decode(bytes(reply)));
  }

  // Sorted sets

  /** Gives how many members are new. */
  async zadd(key: KeyInput, ...members: readonly ScoredMember<KeyInput>[]): Promise<number> {
    return number(await this.#run('ZADD', key, ...members.flatMap(({ member, score }) => [scoreText(score), member])));
  }

  async zrem(key: KeyInput, ...members: readonly KeyInput[]): Promise<number> {
    return number(await this.#run('ZREM', key, ...members));
  }

  async zscore(key: KeyInput, member: KeyInput): Promise<number | null> {
    const score = await this.#run('ZSCORE', key, member);
    return score === null ? null : number(score);
  }

  async zincrby(key: KeyInput, member: KeyInput, by: number): Promise<number> {
    return number(await this.#run('ZINCRBY', key, scoreText(by), member));
  }

  /** From 0; null where it is no member. */
  async zrank(key: KeyInput, member: KeyInput): Promise<number | null> {
    const rank = await this.#run('ZRANK', key, member);
    return rank === null ? null : number(rank);
  }

  async zcard(key: KeyInput): Promise<number> {
    return number(await this.#run('ZCARD', key));
  }

  /** Members with their scores, as ZRANGE gives them: by rank (0 to -1 for all), by score (`(1` leaves 1 out, `-inf`) or by member (`[a`, `-`). */
  async zrange(key: KeyInput, first: KeyInput = 0, last: KeyInput = -1, options: RangeOptions = {}): Promise<ScoredMember<Value>[]> {
    const { reverse = false, by = 'rank', offset, count } = options;
    const words: KeyInput[] = by === 'rank' ? [] : [by === 'score' ? 'BYSCORE' : 'BYLEX'];
    if (reverse) words.push('REV');
    if (offset !== undefined || count !== undefined) words.push('LIMIT', offset ?? 0, count ?? -1);
    // BYLEX gives no scores: they are all the same.
    if (by === 'member') return list(await this.#run('ZRANGE', key, first, last, ...words)).map((member) => ({ member: this.#decode(bytes(member)), score: 0 }));
    return list(await this.#run('ZRANGE', key, first, last, ...words, 'WITHSCORES')).map((entry) => {
      const [member, score] = list(entry);
      return { member: this.#decode(bytes(member!)), score: number(score!) };
    });
  }

  async #run(name: string, ...args: readonly KeyInput[]): Promise<KeyReply> {
    return await this.#executor.keys([name, ...args].map(bytesOf), this.#space, this.#bounds);
  }

  #value(reply: KeyReply): Value | null {
    return reply === null ? null : this.#decode(bytes(reply));
  }

  #plain(reply: KeyReply): unknown {
    if (typeof reply !== 'object' || reply === null) return reply;
    if (reply instanceof Uint8Array) return this.#decode(reply);
    return 'pairs' in reply ? reply.pairs.map(([key, value]) => [this.#plain(key), this.#plain(value)]) : reply.map((item) => this.#plain(item));
  }
}

function bytesOf(input: KeyInput): Uint8Array {
  return input instanceof Uint8Array ? input : Buffer.from(String(input));
}

function scoreText(score: number): string {
  return score === Number.POSITIVE_INFINITY ? 'inf' : score === Number.NEGATIVE_INFINITY ? '-inf' : String(score);
}

function unexpected(reply: KeyReply): FacetError {
  return new FacetError('internal', `an unexpected reply: ${typeof reply}`);
}

function number(reply: KeyReply): number {
  if (typeof reply === 'number') return reply;
  if (typeof reply === 'bigint') return Number(reply);
  throw unexpected(reply);
}

function bytes(reply: KeyReply): Uint8Array {
  if (reply instanceof Uint8Array) return reply;
  if (typeof reply === 'string' || typeof reply === 'number' || typeof reply === 'bigint') return Buffer.from(String(reply));
  throw unexpected(reply);
}

function text(reply: KeyReply): string {
  return decodeText(bytes(reply));
}

function list(reply: KeyReply): readonly KeyReply[] {
  if (Array.isArray(reply)) return reply as readonly KeyReply[];
  throw unexpected(reply);
}

function pairs(reply: KeyReply): readonly (readonly [KeyReply, KeyReply])[] {
  if (typeof reply === 'object' && reply !== null && 'pairs' in reply) return reply.pairs;
  throw unexpected(reply);
}
