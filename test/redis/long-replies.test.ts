// Replies of very many items: encoded in slices, as the client takes them, with others served in between; whole and in order nevertheless.

import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { startFacetDB } from './support/facetdb.ts';
import { missingOriginal, startOriginalRedis } from './support/original-redis.ts';
import { RespClient, closed } from './support/resp-client.ts';
import { shownReply } from './support/resp-reply.ts';

/** More than are encoded at once. */
const many = 5_000;
const numbers = Array.from({ length: many }, (_, number) => number);
const filling: readonly (readonly string[])[] = [
  ['RPUSH', 'list', ...numbers.map((number) => (number % 100 === 0 ? 'x'.repeat(number) : `item:${number}`))],
  ['SADD', 'set', ...numbers.map((number) => `m:${number}`)],
  ['HSET', 'hash', ...numbers.flatMap((number) => [`f:${number}`, `${number}`])],
  ['ZADD', 'scores', ...numbers.flatMap((number) => [`${number / 8}`, `m:${number}`])],
  ['RPUSH', 'large', ...numbers.map((number) => `${number}`.padEnd(1_000, '.'))],
  ['MSET', ...numbers.flatMap((number) => [`key:${number}`, `${number}`])],
];

suite('long replies', async () => {
  const address = await startFacetDB();
  const client = async (protocol: '2' | '3' = '2'): Promise<RespClient> => {
    const opened = await RespClient.connect(address);
    await opened.call('HELLO', protocol);
    after(() => opened.close());
    return opened;
  };
  const redis = await client();
  await redis.call('FLUSHALL');
  for (const words of filling) await redis.call(...words);

  for (const protocol of ['2', '3'] as const) {
    test(`as Redis gives them, in RESP${protocol}`, { skip: missingOriginal() }, async () => {
      const started = await startOriginalRedis();
      after(() => started.stop());
      const [ours, theirs] = [await client(protocol), await RespClient.connect(started.address)];
      await theirs.call('HELLO', protocol);
      for (const words of filling) await theirs.call(...words);
      const requests = [
        ['LRANGE', 'list', '0', '-1'], ['LRANGE', 'list', '5', '-5'], ['HGETALL', 'hash'], ['HKEYS', 'hash'], ['HVALS', 'hash'], ['ZRANGE', 'scores', '0', '-1'], ['ZRANGE', 'scores', '0', '-1', 'WITHSCORES'],
        ['ZRANGE', 'scores', '10', '-10', 'REV', 'WITHSCORES'], ['ZRANGEBYSCORE', 'scores', '(5', '600', 'WITHSCORES', 'LIMIT', '3', '3000'], ['ZREVRANGEBYSCORE', 'scores', '+inf', '-inf'], ['SMEMBERS', 'set'], ['SORT', 'set', 'ALPHA'],
        ['ZUNION', '2', 'scores', 'set', 'WITHSCORES'], ['SUNION', 'set', 'none'], ['MGET', ...numbers.map((number) => `key:${number}`)],
        ['SORT', 'list', 'ALPHA', 'STORE', 'sorted'], ['LRANGE', 'sorted', '0', '-1'], ['LLEN', 'sorted'], ['PING'],
      ];
      const unordered = new Set(['SMEMBERS', 'SUNION', 'HGETALL', 'HKEYS', 'HVALS']);
      // All at once: what follows a long reply waits for its end.
      for (const side of [ours, theirs]) for (const words of requests) side.send(words);
      for (const words of requests) {
        const [shown, expected] = (await Promise.all([ours.receive(), theirs.receive()])).map((reply) => (reply === closed ? '(closed)' : shownReply(reply, { sorted: unordered.has(words[0]!) })));
        assert.ok(shown === expected, words.slice(0, 5).join(' '));
      }
      theirs.close();
    });

    test(`a client that takes none of it keeps nobody waiting, in RESP${protocol}`, async () => {
      const [slow, other] = [await client(protocol), await client()];
      slow.pause();
      for (let count = 0; count < 4; count++) slow.send(['LRANGE', 'large', '0', '-1']);
      slow.send(['ECHO', 'end']);
      await eventually('replies are on their way', async () => {
        const list = await other.call('CLIENT', 'LIST');
        return list !== closed && /omem=[1-9]\d{5}/.test(shownReply(list));
      });
      for (let count = 0; count < 20; count++) assert.ok((await other.call('SET', 'other', `${count}`)) !== closed);
      slow.resume();
      for (let count = 0; count < 4; count++) {
        const reply = await slow.receive();
        assert.ok(reply !== closed && 'items' in reply && reply.items?.length === many);
      }
      const last = await slow.receive();
      assert.ok(last !== closed && shownReply(last) === '"end"');
    });
  }

  test('messages come between replies, not within them', async () => {
    const [reader, sender] = [await client('3'), await client()];
    await reader.call('SUBSCRIBE', 'news');
    for (let count = 0; count < 20; count++) {
      reader.send(['HGETALL', 'hash']);
      for (let message = 0; message < 5; message++) await sender.call('PUBLISH', 'news', `${message}`);
    }
    const types = new Map<string, number>();
    for (let reply = 0; reply < 120; reply++) {
      const received = await reader.receive();
      assert.ok(received !== closed);
      types.set(received.type, (types.get(received.type) ?? 0) + 1);
      if (received.type === '%') assert.equal(received.items?.length, 2 * many);
    }
    assert.deepEqual(Object.fromEntries(types), { '%': 20, '>': 100 });
  });

  test('a client whose output limit it would go beyond is cut', async () => {
    const reader = await client();
    assert.ok((await reader.call('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 20kb 0 0')) !== closed);
    try {
      assert.equal(await reader.call('LRANGE', 'list', '0', '-1'), closed);
    } finally {
      await redis.call('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 0 0 0');
    }
  });

  test('within transactions, and what is dumped and restored', async () => {
    const other = await client();
    for (const words of [['MULTI'], ['SMEMBERS', 'set'], ['DUMP', 'hash'], ['DEL', 'none'], ['EXEC']]) other.send(words);
    for (let reply = 0; reply < 4; reply++) await other.receive();
    const executed = await other.receive();
    assert.ok(executed !== closed && 'items' in executed);
    const [members, payload] = executed.items!;
    assert.ok(members !== undefined && 'items' in members && members.items!.length === many);
    assert.ok(payload !== undefined && 'bytes' in payload);
    for (const [key, kind] of [['list', 'LRANGE'], ['set', 'SMEMBERS'], ['scores', 'ZRANGE'], ['hash', 'HGETALL']] as const) {
      const dumped = await other.call('DUMP', key);
      assert.ok(dumped !== closed && 'bytes' in dumped);
      // What is restored is changed by the same transaction.
      for (const words of [['MULTI'], ['RESTORE', `${key}:2`, '0', dumped.bytes!, 'REPLACE'], ['DUMP', `${key}:2`], ['EXEC']]) other.send(words);
      for (let reply = 0; reply < 3; reply++) await other.receive();
      const done = await other.receive();
      assert.ok(done !== closed && shownReply(done).startsWith('*[+OK'), key);
      const range = kind.endsWith('RANGE') ? ['0', '-1'] : [];
      const sorted = kind === 'SMEMBERS';
      const first = await other.call(kind, key, ...range);
      const second = await other.call(kind, `${key}:2`, ...range);
      assert.ok(first !== closed && second !== closed && shownReply(first, { sorted }) === shownReply(second, { sorted }), key);
    }
  });
});
