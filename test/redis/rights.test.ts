// Who may do what with keys: PostgreSQL's grants on a keyspace decide, for Redis clients and for SQL alike.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Redis } from 'ioredis';
import type pg from 'pg';
import { type AccessMeasure, grantAccess, revokeAccess } from '../../src/access/grants.ts';
import type { RoleStore } from '../../src/access/roles.ts';
import { type RunningServer, start } from '../../src/index.ts';
import { newDataFolder } from '../support/new-data-folder.ts';
import { freePorts } from '../support/ports.ts';
import { connectClient } from '../support/with-client.ts';

const password = 'correct horse';

suite('rights on keyspaces', () => {
  let server: RunningServer;
  let sql: pg.Client;
  let administrator: Redis;
  const clients: Redis[] = [];

  before(async () => {
    server = await start({ data: newDataFolder(), ...freePorts });
    sql = await connectClient(server.urls['postgres']!);
    administrator = connected(server.urls['redis']!);
    for (const role of ['reader', 'writer', 'nobody', 'changing']) await sql.query(`create role ${role} login password '${password}'`);
    await change(grantAccess, 'reader', 'read');
    await change(grantAccess, 'writer', 'write');
    await administrator.set('string', 'v');
    await administrator.rpush('list', 'a', 'b');
    await administrator.hset('hash', 'f', 'v');
  });
  after(async () => {
    for (const client of clients) client.disconnect();
    await sql.end();
    await server.stop();
  });

  const change = async (how: typeof grantAccess, role: string, measure: AccessMeasure): Promise<void> => {
    const store = { query: async (text: string) => (await sql.query(text)).rows } as unknown as RoleStore;
    await how(store, { role, measure, target: { schema: 'keyspace0' } });
  };
  const connected = (url: string): Redis => {
    const client = new Redis(url, { enableReadyCheck: false, maxRetriesPerRequest: 0 });
    client.on('error', () => {});
    clients.push(client);
    return client;
  };
  const redisAs = (role: string): Redis => {
    const url = new URL(server.urls['redis']!);
    url.username = role;
    url.password = encodeURIComponent(password);
    return connected(url.href);
  };
  const sqlAs = async (role: string): Promise<pg.Client> => {
    const url = new URL(server.urls['postgres']!);
    url.username = role;
    url.password = encodeURIComponent(password);
    return await connectClient(url.href);
  };

  test('a role without rights gets NOPERM, for reading and writing', async () => {
    const client = redisAs('nobody');
    await assert.rejects(client.get('string'), /^ReplyError: NOPERM /);
    await assert.rejects(client.set('string', 'x'), /^ReplyError: NOPERM /);
    await assert.rejects(client.set('new', 'x', 'NX'), /^ReplyError: NOPERM /);
    await assert.rejects(client.hget('hash', 'f'), /^ReplyError: NOPERM /);
    await assert.rejects(client.dbsize(), /^ReplyError: NOPERM /);
    assert.equal(await administrator.get('string'), 'v');
  });

  test('a reader reads everything and changes nothing', async () => {
    const client = redisAs('reader');
    assert.equal(await client.get('string'), 'v');
    assert.deepEqual(await client.lrange('list', 0, -1), ['a', 'b']);
    assert.deepEqual(await client.hgetall('hash'), { f: 'v' });
    assert.equal(await client.dbsize(), 3);
    assert.deepEqual(await client.multi().get('string').llen('list').exec(), [[null, 'v'], [null, 2]]);
    for (const attempt of [client.set('string', 'x'), client.rpush('list', 'x'), client.del('hash'), client.lpop('list'), client.expire('string', 10), client.flushdb()]) {
      await assert.rejects(attempt, /^ReplyError: NOPERM /);
    }
    await assert.rejects(client.multi().get('string').set('string', 'x').exec(), /NOPERM/);
    assert.deepEqual([await client.get('string'), await client.llen('list')], ['v', 2]);
  });

  test('a writer makes, changes and deletes keys of every kind', async () => {
    const client = redisAs('writer');
    assert.equal(await client.set('w:string', '1', 'EX', 100), 'OK');
    assert.equal(await client.incr('w:string'), 2);
    assert.equal(await client.rpush('w:list', 'a', 'b'), 2);
    assert.equal(await client.lpop('w:list'), 'a');
    assert.equal(await client.hset('w:hash', 'f', 'v'), 1);
    assert.equal(await client.sadd('w:set', 'm'), 1);
    assert.equal(await client.zadd('w:board', 1, 'm'), 1);
    assert.equal(await client.rename('w:set', 'w:set2'), 'OK');
    const waiting = redisAs('writer');
    const popped = waiting.blpop('w:queue', 5);
    await new Promise((resolve) => setTimeout(resolve, 100));
    // Another role's push wakes it too.
    await administrator.rpush('w:queue', 'item');
    assert.deepEqual(await popped, ['w:queue', 'item']);
    assert.equal(await client.del('w:string', 'w:list', 'w:hash', 'w:set2', 'w:board'), 5);
    assert.equal(await client.dbsize(), 3);
  });

  test('what concerns the whole server is for superusers', async () => {
    await sql.query(`create role chief superuser login password '${password}'`);
    const [writer, chief] = [redisAs('writer'), redisAs('chief')];
    for (const [name, ...args] of [['monitor'], ['config', 'get', 'appendfsync'], ['config', 'set', 'appendfsync', 'no'], ['client', 'list'], ['client', 'kill', 'type', 'normal'], ['slowlog', 'get']]) {
      await assert.rejects(writer.call(name!, ...args), /^ReplyError: NOPERM this user has no permissions to run the '/, name);
    }
    assert.equal(await writer.call('client', 'setname', 'own'), 'OK');
    for (const client of [chief, administrator]) assert.deepEqual(await client.config('GET', 'appendfsync'), ['appendfsync', 'always']);
    // Within MULTI it is refused when it would be queued.
    await writer.call('multi');
    await assert.rejects(writer.call('config', 'get', 'appendfsync'), /NOPERM/);
    await assert.rejects(writer.call('exec'), /EXECABORT/);
  });

  test('rights on one keyspace are none on another', async () => {
    const client = redisAs('writer');
    await client.select(1);
    await assert.rejects(client.set('k', 'v'), /^ReplyError: NOPERM /);
  });

  test('what is granted and revoked holds for connections that are there', async () => {
    const client = redisAs('changing');
    await assert.rejects(client.get('string'), /NOPERM/);
    await change(grantAccess, 'changing', 'write');
    assert.equal(await client.get('string'), 'v');
    assert.equal(await client.set('changing', '1'), 'OK');
    await change(revokeAccess, 'changing', 'write');
    await assert.rejects(client.set('changing', '2'), /NOPERM/);
    assert.equal(await client.get('changing'), '1');
    await change(revokeAccess, 'changing', 'read');
    await assert.rejects(client.get('changing'), /NOPERM/);
    await administrator.del('changing');
  });

  test('one bad request does not harm those beside it', async () => {
    const [writer, nobody] = [redisAs('writer'), redisAs('nobody')];
    const results = await Promise.allSettled([writer.set('w', '1'), nobody.set('w', '2'), writer.incr('w'), nobody.get('w'), writer.get('w')]);
    assert.deepEqual(results.map((result) => (result.status === 'fulfilled' ? result.value : 'refused')), ['OK', 'refused', 2, 'refused', '2']);
    await writer.del('w');
  });

  test('the same holds in SQL', async () => {
    const [reader, writer, nobody] = [await sqlAs('reader'), await sqlAs('writer'), await sqlAs('nobody')];
    for (const text of [`select facetdb.get('string')`, 'select * from keyspace0.entries', 'select * from keyspace0.keys', `select facetdb.set('string', 'x')`]) {
      await assert.rejects(nobody.query(text), { code: '42501' }, text);
    }
    assert.deepEqual((await reader.query(`select facetdb.get('string') as value, facetdb.hget('hash', 'f') as field, facetdb.size('list') as size`)).rows, [{ value: 'v', field: 'v', size: '2' }]);
    assert.equal((await reader.query('select * from keyspace0.lists')).rowCount, 2);
    for (const call of [`set('string', 'x')`, `rpush('list', 'x')`, `lpop('list')`, `delete('hash')`, `expire('string', '1 s')`]) {
      await assert.rejects(reader.query(`select facetdb.${call}`), { code: '42501' }, call);
    }
    await assert.rejects(reader.query(`delete from keyspace0.entries`), { code: '42501' });
    await writer.query(`select facetdb.set('s', 'v'), facetdb.rpush('l', 'v'), facetdb.hset('h', 'f', 'v'), facetdb.sadd('m', 'v'), facetdb.zadd('z', 1, 'v'), facetdb.incr('i')`);
    await writer.query(`delete from keyspace0.entries where key in ('s', 'l', 'h', 'm', 'z', 'i')`);
    assert.equal(await administrator.dbsize(), 3);
    for (const client of [reader, writer, nobody]) await client.end();
  });
});
