// Transactions, WATCH and subscriptions of very many parts: each is answered as a small one is, in about the time that its parts take.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { after, before, suite, test } from 'node:test';
import { type RedisAddress, RespClient, addressOf, closed } from './support/resp-client.ts';
import { type RespReply, shownReply } from './support/resp-reply.ts';
import { type OwnServer, startOwnServer } from './support/own-server.ts';

const several = 2_000;
const many = 20_000;
const patienceMs = 60_000;

suite('requests of many parts', () => {
  let server: OwnServer;
  let address: RedisAddress;

  before(async () => {
    server = await startOwnServer();
    address = addressOf(server.urls.redis);
  });
  after(() => server.stop());

  const connect = async (): Promise<RespClient> => {
    const client = await RespClient.connect(address);
    after(() => client.close());
    return client;
  };

  /** What EXEC answers. */
  const transaction = async (client: RespClient, commands: readonly (readonly string[])[]): Promise<string> => {
    for (const command of [['MULTI'], ...commands, ['EXEC']]) client.send(command);
    for (let queued = 0; queued <= commands.length; queued++) await client.receive();
    return shown(await client.receive(patienceMs));
  };

  test('each command of a transaction may lack something else', async () => {
    const client = await connect();
    for (let index = 0; index < several; index++) {
      client.send(['HSET', `hash${index}`, 'a', `${index}`]);
      client.send(['RPUSH', `list${index}`, `${index}`, 'end']);
    }
    for (let index = 0; index < several * 2; index++) await client.receive();
    const numbers = Array.from({ length: several }, (_, index) => index);
    assert.equal(await transaction(client, numbers.map((index) => ['HGETALL', `hash${index}`])), `*[${numbers.map((index) => `*["a", "${index}"]`).join(', ')}]`);
    const changes = numbers.flatMap((index) => [['LSET', `list${index}`, '-1', 'last'], ['LRANGE', `list${index}`, '0', '-1']]);
    assert.equal(await transaction(client, changes), `*[${numbers.map((index) => `+OK, *["${index}", "last"]`).join(', ')}]`);
  });

  test('a command sees what those before it in the transaction changed, although it was looked ahead', async () => {
    const client = await connect();
    await client.call('HSET', 'seen', 'a', '1');
    await client.call('ZADD', 'ranked', '1', 'x', '2', 'y');
    const commands = [
      ['HGETALL', 'seen'], ['DEL', 'seen'], ['HGETALL', 'seen'], ['HSET', 'seen', 'b', '2'], ['HGETALL', 'seen'], ['ZRANK', 'ranked', 'y'], ['ZADD', 'ranked', '0', 'z'], ['ZRANK', 'ranked', 'y'], ['RENAME', 'ranked', 'seen'],
      ['ZRANK', 'seen', 'y'], ['HGETALL', 'seen'], ['EXISTS', 'ranked'],
    ];
    const wrongKind = '-WRONGTYPE Operation against a key holding the wrong kind of value';
    assert.equal(await transaction(client, commands), `*[*["a", "1"], :1, *[], :1, *["b", "2"], :1, :1, :2, +OK, :2, ${wrongKind}, :0]`);
  });

  test('WATCH of many keys', async () => {
    const [client, other] = [await connect(), await connect()];
    const keys = Array.from({ length: many }, (_, index) => `watched${index}`);
    assert.equal(shown(await client.call('WATCH', ...keys)), '+OK');
    assert.equal(await transaction(client, [['PING']]), '*[+PONG]');
    await client.call('WATCH', ...keys, ...keys);
    await other.call('SET', `watched${many - 1}`, 'changed');
    assert.equal(await transaction(client, [['PING']]), '*nil');
  });

  test('a command may name more keys than a call takes arguments', async () => {
    const client = await connect();
    const keys = Array.from({ length: 150_000 }, (_, index) => `none${index}`);
    assert.equal(await transaction(client, [['EXISTS', ...keys]]), '*[:0]');
  });

  test('a message finds its pattern among many', async () => {
    const [client, other] = [await connect(), await connect()];
    client.send(['PSUBSCRIBE', ...Array.from({ length: many }, (_, index) => `news.${index}.*`)]);
    for (let index = 0; index < many; index++) await client.receive();
    assert.equal(shown(await other.call('PUBLISH', 'news.7.today', 'hello')), ':1');
    assert.equal(shown(await client.receive()), '*["pmessage", "news.7.*", "news.7.today", "hello"]');
    client.send(['PUNSUBSCRIBE']);
    for (let index = 0; index < many; index++) await client.receive();
    assert.equal(shown(await other.call('PUBLISH', 'news.7.today', 'hello')), ':0');
  });

  test('an inline request may be as long as a line may be', async () => {
    const client = await connect();
    const value = 'v'.repeat(64 * 1024 - 'SET long '.length);
    client.sendBytes(Buffer.from(`SET long ${value}\r\n`));
    assert.equal(shown(await client.receive()), '+OK');
    client.sendBytes(Buffer.from('x'.repeat(64 * 1024 + 1)));
    assert.equal(shown(await client.receive()), '-ERR Protocol error: too big inline request');
    assert.equal(await client.receive(), closed);
  });
});

function shown(reply: RespReply | typeof closed): string {
  return reply === closed ? '(closed)' : shownReply(reply);
}
