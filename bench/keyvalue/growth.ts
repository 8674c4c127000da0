// What must not grow: the time of one command with the number of keys in the database, and with the number of elements in
// its collection. One command after the other, by turns in a small and in a large database; medians in microseconds.
// Changes are acknowledged before the log is flushed: the disk's part, the same for both, would hide what grows.

import { type RedisAddress, RespClient, closed } from '../../test/redis/support/resp-client.ts';
import { median } from '../report.ts';
import type { KeyvalueBenchmark } from './contenders.ts';
import { type GrowthCommand, commandsOnElements, commandsOnKeys, searchesInLists } from './growth-commands.ts';

const fewKeys = 10_000;
const fewElements = 100;
const callsOfEach = 300;
/** A command that takes long is called less often. */
const mostMsOfEach = 10_000;
const loadedAtOnce = 1_000;
const loadsUnderWay = 8;
const timeoutMs = 600_000;
/** Above it a row is marked. */
const notableRatio = 1.5;

export async function growth({ facetdb, keys, elements }: Pick<KeyvalueBenchmark, 'facetdb' | 'keys' | 'elements'>): Promise<void> {
  const few = await openDatabase(facetdb, { index: 1, size: fewKeys });
  const many = await openDatabase(facetdb, { index: 2, size: keys });
  for (const { client, size } of [few, many]) await loadInParts(client, size, keysFor);
  await report(`one command with ${shownCount(few)} and ${shownCount(many)} keys in the database`, commandsOnKeys, [few, many]);

  const small = { ...few, size: fewElements };
  const large = { ...many, size: elements };
  for (const { client, size } of [small, large]) await loadInParts(client, size, elementsFor);
  await report(`one command in collections of ${shownCount(small)} and ${shownCount(large)} elements`, commandsOnElements, [small, large]);
  await report('commands that look for an item from an end of a list on, as in Redis', searchesInLists, [small, large]);
  for (const { client } of [few, many]) {
    await answered(client, ['FLUSHDB']);
    client.close();
  }
}

type Database = { readonly client: RespClient; readonly size: number };

async function openDatabase(address: RedisAddress, { index, size }: { index: number; size: number }): Promise<Database> {
  const client = await RespClient.connect(address);
  for (const command of [['SELECT', `${index}`], ['FLUSHDB'], ['CONFIG', 'SET', 'appendfsync', 'no']]) await answered(client, command);
  return { client, size };
}

function keysFor(numbers: readonly number[]): string[][] {
  return [['MSET', ...numbers.flatMap((number) => [`key:${number}`, 'x'.repeat(64)])]];
}

function elementsFor(numbers: readonly number[]): string[][] {
  return [
    ['HSET', 'hash', ...numbers.flatMap((number) => [`f:${number}`, 'value'])],
    ['SADD', 'set', ...numbers.map((number) => `m:${number}`)],
    ['ZADD', 'scores', ...numbers.flatMap((number) => [`${number}`, `m:${number}`])],
    ['ZADD', 'lex', ...numbers.flatMap((number) => ['0', `m:${number}`])],
    ['RPUSH', 'list', ...numbers.map((number) => `item:${number}`)],
    ['RPUSH', 'ends', ...numbers.map((number) => `item:${number}`)],
    ['SADD', 'few', ...numbers.filter((number) => number < 10).map((number) => `m:${number}`)],
  ].filter((words) => words.length > 2);
}

/** Sends what commands there are for some numbers, for all numbers below `size`. */
export async function loadInParts(client: RespClient, size: number, commandsFor: (numbers: readonly number[]) => string[][]): Promise<void> {
  let underWay = 0;
  for (let start = 0; start < size; start += loadedAtOnce) {
    const numbers = Array.from({ length: Math.min(loadedAtOnce, size - start) }, (_, index) => start + index);
    for (const command of commandsFor(numbers)) {
      client.send(command);
      underWay += 1;
    }
    for (; underWay > loadsUnderWay; underWay--) check(await client.receive(timeoutMs), 'a load');
  }
  for (; underWay > 0; underWay--) check(await client.receive(timeoutMs), 'a load');
}

async function report(title: string, commands: readonly GrowthCommand[], databases: readonly [Database, Database]): Promise<void> {
  console.log(`\nMicroseconds of ${title}, and their ratio`);
  for (const row of commands) {
    const [small, large] = await timesOf(row, databases);
    const ratio = large / small;
    console.log(`${row.command.padEnd(44)}${Math.round(small).toString().padStart(8)}${Math.round(large).toString().padStart(8)}   ${ratio.toFixed(2)}${ratio > notableRatio ? '  <' : ''}`);
  }
}

/** The command's median time in each, in microseconds. */
async function timesOf({ command, before }: GrowthCommand, databases: readonly [Database, Database]): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  const startedAt = performance.now();
  for (let call = 0; call < callsOfEach && performance.now() - startedAt < mostMsOfEach; call++) {
    for (const [index, { client, size }] of databases.entries()) {
      const words = wordsOf(Math.floor(Math.random() * size), size);
      for (const preparation of before) await answered(client, words(preparation));
      const calledAt = performance.now();
      await answered(client, words(command));
      times[index]!.push((performance.now() - calledAt) * 1000);
    }
  }
  return [median(times[0]), median(times[1])];
}

let neverAgain = 0;

function wordsOf(random: number, size: number): (command: string) => string[] {
  const unique = `${neverAgain++}`;
  return (command) => command.replaceAll('#', `${random}`).replaceAll('@', unique).replaceAll('$', `${size - 10}`).split(' ');
}

async function answered(client: RespClient, command: readonly string[]): Promise<void> {
  client.send(command);
  check(await client.receive(timeoutMs), command[0]!);
}

function check(reply: Awaited<ReturnType<RespClient['receive']>>, name: string): void {
  // A key that was renamed or an element that was popped is gone: that costs a question too.
  if (reply === closed || (reply.type === '-' && reply.text !== 'ERR no such key')) throw new Error(`${name} failed: ${reply === closed ? 'closed' : reply.text}`);
}

function shownCount({ size }: Database): string {
  return size.toLocaleString('en');
}
