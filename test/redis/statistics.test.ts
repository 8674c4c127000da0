// What INFO counts after the same requests, on FacetDB and on a real Redis.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startFacetDB } from './support/facetdb.ts';
import { missingOriginal, startOriginalRedis } from './support/original-redis.ts';
import { type RedisAddress, RespClient, closed } from './support/resp-client.ts';

const skip = missingOriginal();

/** Reads that find their keys and that do not, reads of commands that also write, and writes, which are not counted. */
const requests = `
  SET s 5
  GET s
  GET none
  MGET s none s
  EXISTS s s none
  TTL none
  OBJECT ENCODING none
  MEMORY USAGE s
  GETSET s 6
  GETDEL none
  GETEX s EX 100
  SET s 7 GET
  SET s 8 KEEPTTL
  APPEND s 9
  INCR n
  BITFIELD s GET u8 0
  BITFIELD s SET u8 0 1
  BITOP AND result s none
  RPUSH l 1 2 3
  LRANGE l 0 -1
  LPOP l
  SORT l STORE sorted
  COPY l copied
  SADD set a b
  SINTERSTORE stored set none
  SMEMBERS set
  ZADD z 1 a
  ZRANGESTORE range z 0 -1
  ZUNION 2 z none
  RENAME z z2
  GET l
`;

test('hits, misses, calls and errors are counted as by Redis', { skip }, async () => {
  const original = await startOriginalRedis();
  after(() => original.stop());
  const figures = await Promise.all([startFacetDB(), original.address].map(async (address) => await figuresAfter(await address)));
  assert.deepEqual(figures[0], figures[1]);
});

async function figuresAfter(address: RedisAddress): Promise<Record<string, string>> {
  const client = await RespClient.connect(address);
  after(() => client.close());
  await client.call('CONFIG', 'RESETSTAT');
  for (const line of requests.trim().split('\n')) await client.call(...line.trim().split(' '));
  const stats = await fieldsOf(client, 'stats');
  const commands = await fieldsOf(client, 'commandstats');
  const errors = await fieldsOf(client, 'errorstats');
  const shown = Object.entries(commands).map(([name, text]) => [name, text.replace(/usec=\d+,usec_per_call=[\d.]+,/, '')]);
  const { keyspace_hits, keyspace_misses, total_error_replies } = stats;
  return { ...Object.fromEntries(shown), ...errors, hits: keyspace_hits!, misses: keyspace_misses!, errors: total_error_replies! };
}

async function fieldsOf(client: RespClient, section: string): Promise<Record<string, string>> {
  const reply = await client.call('INFO', section);
  assert.ok(reply !== closed && 'bytes' in reply && reply.bytes !== null);
  const lines = reply.bytes.toString().split('\r\n').filter((line) => line.includes(':'));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}
