// Rows and documents that Redis clients read as hashes, where SQL maps keys to them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Redis } from 'ioredis';
import type pg from 'pg';
import { sharedServer } from '../support/shared-server.ts';
import { eventually } from '../support/eventually.ts';
import { connectClient } from '../support/with-client.ts';
import { type OwnDatabase, ownDatabase } from '../mongodb/support/mongodb.ts';

let redis: Redis;
let sql: pg.Client;
let own: OwnDatabase;
const schema = `mapped_${process.pid}`;
const airports = `airport${process.pid}:`;
const movies = `movie${process.pid}:`;

before(async () => {
  const urls = await sharedServer();
  redis = new Redis(urls.redis, { enableReadyCheck: false });
  sql = await connectClient(urls.postgres);
  own = await ownDatabase();
  await sql.query(`create schema ${schema}`);
  await sql.query(`create table ${schema}.airports (code text primary key, city text, altitude numeric(10, 2), opened date, hub boolean, note text)`);
  await sql.query(`insert into ${schema}.airports values ('AMS', 'Amsterdam', -3.50, '1916-09-16', true, null), ('DEL', 'Delhi', 237, null, true, '')`);
  await sql.query(`create table ${schema}.numbered (id int primary key, name varchar(3))`);
  await sql.query(`insert into ${schema}.numbered values (1, 'one'), (-7, 'neg')`);
  await own.db.collection<{ _id: string | number; title: string; year?: number }>('movies').insertMany([{ _id: 'stalker', title: 'Stalker', year: 1979 }, { _id: 7, title: 'Seven' }]);
  await sql.query(`select facetdb.map_keys('${schema}.airports', $1), facetdb.map_keys('${schema}.numbered', $2)`, [airports, `n${airports}`]);
  await sql.query(`select facetdb.map_keys('${own.db.databaseName}.movies', $1)`, [movies]);
  await eventually('the mappings are known', async () => (await redis.exists(`${movies}stalker`, `${airports}AMS`)) === 2);
});

after(async () => {
  await sql.query('select facetdb.unmap_keys($1), facetdb.unmap_keys($2), facetdb.unmap_keys($3)', [airports, `n${airports}`, movies]);
  await sql.query(`drop schema ${schema} cascade`);
  await sql.end();
  redis.disconnect();
  await own.close();
});

test('a row is a hash of its columns', async () => {
  assert.deepEqual(await redis.hgetall(`${airports}AMS`), { code: 'AMS', city: 'Amsterdam', altitude: '-3.50', opened: '1916-09-16', hub: 'true' });
  assert.deepEqual(await redis.hkeys(`${airports}AMS`), ['code', 'city', 'altitude', 'opened', 'hub']);
  assert.deepEqual([await redis.hget(`${airports}DEL`, 'city'), await redis.hget(`${airports}DEL`, 'note'), await redis.hget(`${airports}DEL`, 'opened'), await redis.hlen(`${airports}DEL`)], ['Delhi', '', null, 5]);
  assert.deepEqual([await redis.type(`${airports}AMS`), await redis.type(`${airports}XXX`), await redis.exists(`${airports}AMS`, `${airports}XXX`), await redis.ttl(`${airports}AMS`)], ['hash', 'none', 1, -1]);
  assert.deepEqual(await redis.hmget(`n${airports}-7`, 'id', 'name'), ['-7', 'neg']);
  for (const key of ['', 'one', '1 ', '99999999999999999999', '1;drop']) assert.equal(await redis.exists(`n${airports}${key}`), key === '1 ' ? 1 : 0, key);
  await assert.rejects(redis.get(`${airports}AMS`), /WRONGTYPE/u);
});

test('a document is a hash of its fields, by the text of its _id', async () => {
  assert.deepEqual(await redis.hgetall(`${movies}stalker`), { _id: 'stalker', title: 'Stalker', year: '1979' });
  assert.equal(await redis.hget(`${movies}7`, 'title'), 'Seven');
  await own.db.collection<{ _id: string }>('movies').updateOne({ _id: 'stalker' }, { $set: { year: 1980, tags: ['a', 'b'] } });
  assert.deepEqual(await redis.hmget(`${movies}stalker`, 'year', 'tags'), ['1980', '["a","b"]']);
});

test('what SQL changes is seen, and mapped keys are read only', async () => {
  await sql.query(`update ${schema}.airports set city = 'Schiphol' where code = 'AMS'`);
  assert.equal(await redis.hget(`${airports}AMS`, 'city'), 'Schiphol');
  for (const [command, ...args] of [['hset', 'city', 'x'], ['del'], ['expire', 10], ['set', 'x'], ['hincrbyfloat', 'altitude', 1], ['rename', 'elsewhere']] as const) {
    await assert.rejects(redis.call(command, `${airports}AMS`, ...args.map(String)), /READONLY|read-only/u, command);
  }
  await assert.rejects(redis.hset(`${airports}NEW`, 'city', 'x'), /READONLY|read-only/u);
  const copy = `copy${process.pid}`;
  assert.equal(await redis.copy(`${airports}AMS`, copy), 1);
  assert.equal(await redis.hget(copy, 'city'), 'Schiphol');
  await redis.del(copy);
  const pipeline = await redis.multi().hget(`${airports}AMS`, 'code').hget(`${movies}7`, 'title').set(copy, 1).del(copy).exec();
  assert.deepEqual(pipeline?.map(([, reply]) => reply), ['AMS', 'Seven', 'OK', 1]);
});

test('only the owner maps, and grants decide who reads', async () => {
  const role = `mapped_reader_${process.pid}`;
  await sql.query(`create role ${role} login password 'secret'`);
  const urls = await sharedServer();
  const { hostname, port } = new URL(urls.redis);
  const reader = new Redis({ host: hostname, port: Number(port), username: role, password: 'secret', enableReadyCheck: false });
  await assert.rejects(reader.hgetall(`${airports}AMS`), /NOPERM/u);
  await sql.query(`grant usage on schema ${schema} to ${role}`);
  await sql.query(`grant select on ${schema}.airports to ${role}`);
  assert.equal(await reader.hget(`${airports}AMS`, 'code'), 'AMS');
  reader.disconnect();
  const pgUrl = new URL(urls.postgres);
  pgUrl.username = role;
  pgUrl.password = 'secret';
  const other = await connectClient(pgUrl.href);
  await assert.rejects(other.query(`select facetdb.map_keys('${schema}.airports', 'x:')`), /only the owner/u);
  assert.deepEqual((await other.query('select facetdb.unmap_keys($1) as ended', [airports])).rows, [{ ended: false }]);
  await other.end();
  await sql.query(`drop owned by ${role}`);
  await sql.query(`drop role ${role}`);
});

test('changes of mappings are known when they are committed, not when a gateway looks', async () => {
  const prefix = `told${process.pid}:`;
  const exists = async (): Promise<boolean> => (await redis.exists(`${prefix}AMS`)) === 1;
  const waitsMs: number[] = [];
  const waitUntil = async (isThere: boolean): Promise<void> => {
    const begun = performance.now();
    while ((await exists()) !== isThere) assert.ok(performance.now() - begun < 10_000, `exists: ${!isThere}`);
    waitsMs.push(performance.now() - begun);
  };
  for (let round = 0; round < 4; round++) {
    await sql.query(`select facetdb.map_keys('${schema}.airports', $1)`, [prefix]);
    await waitUntil(true);
    await sql.query('select facetdb.unmap_keys($1)', [prefix]);
    await waitUntil(false);
  }
  // Who looks once a second would take eight looks.
  const totalMs = waitsMs.reduce((sum, waitMs) => sum + waitMs);
  assert.ok(totalMs < 4_000, `${waitsMs.map(Math.round).join(', ')} ms`);
  await sql.query(`begin; select facetdb.map_keys('${schema}.airports', '${prefix}')`);
  assert.equal(await exists(), false);
  await sql.query('rollback');
});
