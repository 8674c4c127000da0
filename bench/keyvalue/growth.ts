// What must not grow: the time of one command with the number of keys in the database, and with the number of elements in
// its collection. One command after the other, by turns in a small and in a large database; medians in microseconds.

import { type RedisAddress, RespClient, closed } from '../../test/redis/support/resp-client.ts';
import { median } from '../report.ts';
import type { KeyvalueBenchmark } from './contenders.ts';

const [fewKeys, manyKeys] = [10_000, 2_000_000];
const [fewElements, manyElements] = [100, 1_000_000];
const callsOfEach = 300;
/** A command that takes long is called less often. */
const mostMsOfEach = 10_000;
const loadedAtOnce = 1_000;

/** `#` is a random number below the count of what there is. */
const onKeys = [
  'GET key:#', 'SET key:# value', 'SET key:# value EX 1000', 'EXISTS key:#', 'TTL key:#', 'EXPIRE key:# 1000', 'TYPE key:#', 'APPEND key:# x',
  'GETSET key:# value', 'MGET key:# key:1 key:2', 'RENAME key:# renamed', 'COPY key:# copied REPLACE', 'DEL copied', 'INCR counter', 'RPUSH list:# x', 'HSET hash:# f v',
  'SADD set:# m', 'ZADD scores:# 1 m', 'DBSIZE', 'RANDOMKEY', 'SCAN 0 COUNT 10',
] as const;

// LINSERT and LREM look for their item from an end, here and in Redis: near it they cost the same, elsewhere the search grows.
const onElements = [
  'HGET hash f:#', 'HSET hash f:# value', 'HSET hash new:# value', 'HDEL hash f:#', 'HINCRBY hash counter 1', 'HEXISTS hash f:#', 'HLEN hash', 'HRANDFIELD hash', 'HSCAN hash 0 COUNT 10',
  'SISMEMBER set m:#', 'SADD set m:#', 'SADD set new:#', 'SREM set m:#', 'SCARD set', 'SRANDMEMBER set', 'SRANDMEMBER set 10', 'SMOVE set set2 m:#', 'SPOP set', 'SPOP set 3', 'SSCAN set 0 COUNT 10',
  'ZSCORE scores m:#', 'ZADD scores # m:#', 'ZADD scores # new:#', 'ZINCRBY scores 1 m:#', 'ZREM scores m:#', 'ZRANK scores m:#', 'ZREVRANK scores m:#', 'ZCOUNT scores 10 50', 'ZCOUNT scores # +inf',
  'ZRANGE scores 0 9', 'ZRANGE scores # #', 'ZRANGEBYSCORE scores # +inf LIMIT 0 10', 'ZREMRANGEBYRANK scores 20 20', 'ZRANDMEMBER scores', 'ZPOPMIN scores', 'ZPOPMAX scores',
  'LINDEX list #', 'LINDEX list 0', 'LINDEX list -1', 'LSET list # value', 'LRANGE list # #', 'LPUSH list x', 'RPOP list', 'LLEN list',
  'LINSERT list AFTER item:9 x', 'LREM list 1 x', 'LINSERT list AFTER item:# x', 'LINDEX list #', 'LPUSH list x', 'RPOP list', 'LTRIM list 1 -2',
] as const;

export async function growth({ facetdb }: KeyvalueBenchmark): Promise<void> {
  const few = await openDatabase(facetdb, { index: 1, size: fewKeys });
  const many = await openDatabase(facetdb, { index: 2, size: manyKeys });
  for (const { client, size } of [few, many]) await loadKeys(client, size);
  await report(`one command with ${few.size.toLocaleString('en')} and ${many.size.toLocaleString('en')} keys in the database`, onKeys, [few, many]);

  const small = { ...few, size: fewElements };
  const large = { ...many, size: manyElements };
  for (const { client, size } of [small, large]) await loadElements(client, size);
  await report(`one command in collections of ${small.size} and ${large.size.toLocaleString('en')} elements`, onElements, [small, large]);
  for (const { client } of [few, many]) {
    await client.call('FLUSHDB');
    client.close();
  }
}

type Database = { readonly client: RespClient; readonly size: number };

async function openDatabase(address: RedisAddress, { index, size }: { index: number; size: number }): Promise<Database> {
  const client = await RespClient.connect(address);
  await answered(client, ['SELECT', `${index}`]);
  await answered(client, ['FLUSHDB']);
  return { client, size };
}

function loadKeys(client: RespClient, count: number): Promise<void> {
  return load(client, count, (numbers) => [['MSET', ...numbers.flatMap((number) => [`key:${number}`, 'x'.repeat(64)])]]);
}

function loadElements(client: RespClient, count: number): Promise<void> {
  return load(client, count, (numbers) => [
    ['HSET', 'hash', ...numbers.flatMap((number) => [`f:${number}`, 'value'])],
    ['SADD', 'set', ...numbers.map((number) => `m:${number}`)],
    ['ZADD', 'scores', ...numbers.flatMap((number) => [`${number}`, `m:${number}`])],
    ['RPUSH', 'list', ...numbers.map((number) => `item:${number}`)],
  ]);
}

async function load(client: RespClient, count: number, commandsFor: (numbers: readonly number[]) => string[][]): Promise<void> {
  for (let start = 0; start < count; start += loadedAtOnce) {
    const numbers = Array.from({ length: Math.min(loadedAtOnce, count - start) }, (_, index) => start + index);
    for (const command of commandsFor(numbers)) await answered(client, command);
  }
}

async function report(title: string, commands: readonly string[], databases: readonly [Database, Database]): Promise<void> {
  console.log(`\nMicroseconds of ${title}, and their ratio`);
  for (const command of commands) {
    const [small, large] = await timesOf(command, databases);
    console.log(`${command.padEnd(44)}${Math.round(small).toString().padStart(8)}${Math.round(large).toString().padStart(8)}   ${(large / small).toFixed(2)}`);
  }
}

/** The command's median time in each, in microseconds. */
async function timesOf(command: string, databases: readonly [Database, Database]): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  const startedAt = performance.now();
  for (let call = 0; call < callsOfEach && performance.now() - startedAt < mostMsOfEach; call++) {
    for (const [index, { client, size }] of databases.entries()) {
      const words = command.replaceAll('#', `${Math.floor(Math.random() * size)}`).split(' ');
      const calledAt = performance.now();
      await answered(client, words);
      times[index]!.push((performance.now() - calledAt) * 1000);
    }
  }
  return [median(times[0]), median(times[1])];
}

async function answered(client: RespClient, command: readonly string[]): Promise<void> {
  const reply = await client.call(...command);
  // A key that was renamed or an element that was popped is gone: that costs a question too.
  if (reply === closed || (reply.type === '-' && reply.text !== 'ERR no such key')) throw new Error(`${command[0]} failed: ${reply === closed ? 'closed' : reply.text}`);
}
