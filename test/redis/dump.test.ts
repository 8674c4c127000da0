// DUMP and RESTORE between FacetDB and a real Redis, in both directions: whatever form a value takes on the way (packed,
// compressed, in pieces), it is the same value on the other side.

import assert from 'node:assert/strict';
import type { Buffer } from 'node:buffer';
import { after, test } from 'node:test';
import { startFacetDB } from './support/facetdb.ts';
import { missingOriginal, startOriginalRedis } from './support/original-redis.ts';
import { RespClient } from './support/resp-client.ts';
import { type RespReply, shownReply } from './support/resp-reply.ts';

const skip = missingOriginal();

/** Commands that make a value at the key `v`, and the command that shows all of it. */
const values: Readonly<Record<string, { readonly make: readonly (readonly string[])[]; readonly show: readonly string[]; readonly sorted?: boolean }>> = {
  'short string': { make: [['SET', 'v', 'hello']], show: ['GET', 'v'] },
  'empty string': { make: [['SET', 'v', '']], show: ['GET', 'v'] },
  'small number': { make: [['SET', 'v', '-7']], show: ['GET', 'v'] },
  'large number': { make: [['SET', 'v', '-9223372036854775808']], show: ['GET', 'v'] },
  'string that compresses': { make: [['SET', 'v', 'abcabcabd'.repeat(10_000)]], show: ['GET', 'v'] },
  'string that does not compress': { make: [['SET', 'v', Array.from({ length: 300 }, (_, index) => Math.imul(index, 2_654_435_761).toString(36)).join('')]], show: ['GET', 'v'] },
  'long string': { make: [['SETRANGE', 'v', '100000', 'x']], show: ['GET', 'v'] },
  'short list': { make: [['RPUSH', 'v', 'a', '1', '-1', '127', '128', '4095', '-4097', '70000', '8388607', '2147483648', '']], show: ['LRANGE', 'v', '0', '-1'] },
  'long list': { make: [['RPUSH', 'v', ...series(5_000)]], show: ['LRANGE', 'v', '0', '-1'] },
  'list of long items': { make: [['RPUSH', 'v', 'x'.repeat(100), 'y'.repeat(5_000), 'z'.repeat(20_000), 'a']], show: ['LRANGE', 'v', '0', '-1'] },
  'set of numbers': { make: [['SADD', 'v', '5', '-3', '70000', '9223372036854775807']], show: ['SMEMBERS', 'v'], sorted: true },
  'set of words': { make: [['SADD', 'v', 'a', 'b', '5']], show: ['SMEMBERS', 'v'], sorted: true },
  'large set': { make: [['SADD', 'v', ...series(3_000)]], show: ['SMEMBERS', 'v'], sorted: true },
  'small hash': { make: [['HSET', 'v', 'f', 'v', '1', '2', 'empty', '']], show: ['HGETALL', 'v'], sorted: true },
  'hash of a long value': { make: [['HSET', 'v', 'f', 'v'.repeat(70)]], show: ['HGETALL', 'v'] },
  'large hash': { make: [['HSET', 'v', ...series(4_000)]], show: ['HGETALL', 'v'], sorted: true },
  'small sorted set': { make: [['ZADD', 'v', '1', 'a', '-1.5', 'b', 'inf', 'c', '-inf', 'd', '1e300', 'e', '0.1', 'f']], show: ['ZRANGE', 'v', '0', '-1', 'WITHSCORES'] },
  'large sorted set': { make: [['ZADD', 'v', ...series(1_000).flatMap((member, index) => [String(index / 7), member])]], show: ['ZRANGE', 'v', '0', '-1', 'WITHSCORES'] },
};

function series(count: number): string[] {
  return Array.from({ length: count }, (_, index) => (index % 3 === 0 ? String(index) : `element ${index}`));
}

if (skip === false) {
  const [facetdb, original] = await Promise.all([startFacetDB(), startOriginalRedis()]);
  after(() => original.stop());
  const clients = [await RespClient.connect(facetdb), await RespClient.connect(original.address)] as const;
  after(() => clients.forEach((client) => client.close()));
  const [ours, theirs] = clients;
  for (const [name, value] of Object.entries(values)) {
    test(`${name}, from Redis to FacetDB`, () => exchange(theirs, ours, value));
    test(`${name}, from FacetDB to Redis`, () => exchange(ours, theirs, value));
    test(`${name}, from FacetDB to itself`, () => exchange(ours, ours, value));
  }
} else test('exchange with a real Redis', { skip }, () => {});

async function exchange(from: RespClient, to: RespClient, { make, show, sorted = false }: (typeof values)[string]): Promise<void> {
  for (const client of [from, to]) await answer(client, ['DEL', 'v']);
  for (const command of make) await answer(from, command);
  const shown = shownReply(await answer(from, show), { sorted });
  const payload = await answer(from, ['DUMP', 'v']);
  assert.ok('bytes' in payload && payload.bytes !== null);
  const restored = await answer(to, ['RESTORE', 'v', '1000000', payload.bytes, 'REPLACE']);
  assert.equal(shownReply(restored), '+OK');
  assert.equal(shownReply(await answer(to, show), { sorted }), shown);
  assert.match(shownReply(await answer(to, ['PTTL', 'v'])), /^:(?:99\d{4}|1000000)$/);
}

async function answer(client: RespClient, words: readonly (string | Buffer)[]): Promise<RespReply> {
  const reply = await client.call(...words);
  assert.ok(typeof reply !== 'symbol', 'the connection was closed');
  return reply;
}
