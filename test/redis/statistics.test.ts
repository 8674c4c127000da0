// What INFO counts after the same requests, on FacetDB and on a real Redis.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** What only Redis could tell: how it was compiled, what its own cycles and threads cost. */
const withoutMeaning = new Set(['atomicvar_api', 'gcc_version', 'expire_cycle_cpu_milliseconds', 'used_cpu_sys_main_thread', 'used_cpu_user_main_thread']);

test('INFO has the sections and fields of Redis, in its order', { skip }, async () => {
  const original = await startOriginalRedis();
  after(() => original.stop());
  const [facetdb, redis] = await Promise.all([startFacetDB(), original.address].map(async (address) => await fieldNames(await address)));
  assert.deepEqual(facetdb, redis!.filter((name) => !withoutMeaning.has(name)));
});

async function fieldNames(address: RedisAddress): Promise<string[]> {
  const client = await RespClient.connect(address);
  after(() => client.close());
  const reply = await client.call('INFO', 'everything');
  assert.ok(reply !== closed && 'bytes' in reply && reply.bytes !== null);
  const lines = reply.bytes.toString().split('\r\n');
  // What is counted by command and by database is another matter; the log's own file figures are Redis's.
  return lines.map((line) => line.split(':')[0]!).filter((name) => name !== '' && !/^(?:cmdstat|errorstat|latency_percentiles|db\d)/.test(name));
}

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

test('MEMORY USAGE grows with what a collection holds', { skip }, async () => {
  const client = await RespClient.connect(await startFacetDB());
  after(() => client.close());
  const usage = async (...options: string[]): Promise<number> => {
    const reply = await client.call('MEMORY', 'USAGE', 'measured', ...options);
    assert.ok(reply !== closed && 'text' in reply);
    return Number(reply.text);
  };
  await client.call('DEL', 'measured');
  await client.call('RPUSH', 'measured', 'a', 'b', 'c', 'd');
  const short = await usage();
  await client.call('RPUSH', 'measured', randomBytes(1_500));
  assert.ok((await usage('SAMPLES', '0')) > short + 1_000);
  assert.ok((await usage('SAMPLES', '1')) < short + 1_000);
});

test('a key that was found expired is counted at once', async () => {
  const client = await RespClient.connect(await startFacetDB());
  after(() => client.close());
  const keys = Array.from({ length: 20 }, (_, index) => `short-lived ${index}`);
  const before = Number((await fieldsOf(client, 'stats'))['expired_keys']);
  for (const key of keys) await client.call('SET', key, 'x', 'PX', '1');
  await sleep(5);
  for (const key of keys) await client.call('GET', key);
  const expired = Number((await fieldsOf(client, 'stats'))['expired_keys']);
  assert.ok(expired - before >= 20, `${expired - before} keys`);
});

test('INFO tells of each database that holds keys', { skip }, async () => {
  const original = await startOriginalRedis();
  after(() => original.stop());
  const [facetdb, redis] = await Promise.all([startFacetDB(), original.address].map(async (address) => await databasesAfterWrites(await address)));
  assert.deepEqual(redis, { db0: 'keys=2,expires=0', db3: 'keys=3,expires=1' });
  assert.deepEqual(facetdb, redis);
});

async function databasesAfterWrites(address: RedisAddress): Promise<Record<string, string>> {
  const client = await RespClient.connect(address);
  after(() => client.close());
  for (const line of ['FLUSHALL', 'MSET a 1 b 2', 'SELECT 3', 'MSET a 1 b 2', 'SET c 3 EX 1000']) await client.call(...line.split(' '));
  const databases = Object.entries(await fieldsOf(client, 'keyspace'));
  // The average of what is left to live is not the same from one moment to the next.
  return Object.fromEntries(databases.map(([name, text]) => [name, text.replace(/,avg_ttl=\d+$/, '')]));
}
