// Whole values of keys in JSON, by their kind: which commands read them, and which write them.

import { z } from 'zod';
import { httpLimits } from './limits.ts';
import { argumentBytes, keyArgument, replyJson, textOf } from './key-reply.ts';
import type { KeyReply } from './store-access.ts';

const pair = z.tuple([keyArgument, keyArgument]);
export const scored = z.strictObject({ member: keyArgument, score: z.number() });
const expiry = { expiresAt: z.iso.datetime({ offset: true }).nullable().default(null).describe('When the key is gone.') };
const list = z.array(keyArgument).min(1).max(httpLimits.rows);

export const keyValueSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('string'), value: keyArgument, ...expiry }),
  z.strictObject({ type: z.literal('hash'), value: z.union([z.record(z.string(), keyArgument), z.array(pair).min(1).max(httpLimits.rows)]), ...expiry }),
  z.strictObject({ type: z.literal('list'), value: list, ...expiry }),
  z.strictObject({ type: z.literal('set'), value: list, ...expiry }),
  z.strictObject({ type: z.literal('zset'), value: z.array(scored).min(1).max(httpLimits.rows), ...expiry }),
]);
export type KeyValueBody = z.output<typeof keyValueSchema>;
export type KeyKind = KeyValueBody['type'];

type Request = readonly (string | Buffer)[];
type Kind = {
  readonly count: (key: Buffer) => Request;
  readonly read: (key: Buffer) => Request;
  readonly value: (reply: KeyReply) => unknown;
};

export const keyKinds: Readonly<Record<KeyKind, Kind>> = {
  string: { count: (key) => ['EXISTS', key], read: (key) => ['GET', key], value: replyJson },
  hash: { count: (key) => ['HLEN', key], read: (key) => ['HGETALL', key], value: (reply) => fieldsOf(reply) },
  list: { count: (key) => ['LLEN', key], read: (key) => ['LRANGE', key, '0', '-1'], value: replyJson },
  set: { count: (key) => ['SCARD', key], read: (key) => ['SMEMBERS', key], value: replyJson },
  zset: { count: (key) => ['ZCARD', key], read: (key) => ['ZRANGE', key, '0', '-1', 'WITHSCORES'], value: (reply) => scoredOf(reply) },
};

/** The commands that make a key hold this value and nothing else. */
export function writesOf(key: Buffer, body: KeyValueBody): readonly Request[] {
  const expiresAt = body.expiresAt === null ? undefined : String(Date.parse(body.expiresAt));
  switch (body.type) {
    case 'string':
      return [['SET', key, argumentBytes(body.value), ...(expiresAt === undefined ? [] : ['PXAT', expiresAt])]];
    case 'hash': {
      const pairs = Array.isArray(body.value) ? body.value : Object.entries(body.value);
      return whole(key, 'HSET', pairs.flatMap(([field, value]) => [argumentBytes(field), argumentBytes(value)]), expiresAt);
    }
    case 'list':
      return whole(key, 'RPUSH', body.value.map(argumentBytes), expiresAt);
    case 'set':
      return whole(key, 'SADD', body.value.map(argumentBytes), expiresAt);
    case 'zset':
      return whole(key, 'ZADD', scoredArguments(body.value), expiresAt);
  }
}

export function scoredArguments(members: readonly z.output<typeof scored>[]): Buffer[] {
  return members.flatMap(({ member, score }) => [Buffer.from(String(score)), argumentBytes(member)]);
}

function whole(key: Buffer, command: string, elements: readonly Buffer[], expiresAt: string | undefined): readonly Request[] {
  return [['DEL', key], [command, key, ...elements], ...(expiresAt === undefined ? [] : [['PEXPIREAT', key, expiresAt]])];
}

/** An object where every field is a text, else pairs. */
function fieldsOf(reply: KeyReply): unknown {
  const pairs = typeof reply === 'object' && reply !== null && 'pairs' in reply ? reply.pairs : [];
  const names = pairs.map(([field]) => (field instanceof Uint8Array ? textOf(field) : typeof field === 'string' ? field : undefined));
  if (names.some((name) => name === undefined)) return pairs.map((both) => both.map(replyJson));
  return Object.fromEntries(pairs.map(([, value], index) => [names[index]!, replyJson(value)]));
}

function scoredOf(reply: KeyReply): unknown {
  return (reply as readonly (readonly [KeyReply, KeyReply])[]).map(([member, score]) => ({ member: replyJson(member), score: replyJson(score) }));
}
