// The product's promise: the same data through every way in. Each cell of the README's table: written through the row's own
// way, read through the column's, and changed there where the table says so.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import type { Db } from 'mongodb';
import type pg from 'pg';
import { type Database, open } from '../../src/index.ts';
import { eventually } from '../support/eventually.ts';
import { noPorts } from '../support/ports.ts';
import { sharedServer } from '../support/shared-server.ts';
import { connectClient } from '../support/with-client.ts';
import { type OwnDatabase, codeOf, ownDatabase } from '../mongodb/support/mongodb.ts';

const schema = `promise_${process.pid}`;
const prefix = `promise${process.pid}`;
let sql: pg.Client;
let own: OwnDatabase;
let tables: Db;
let redis: Redis;
let http: (method: string, path: string, body?: unknown) => Promise<{ readonly status: number; readonly body: unknown }>;
let program: Database;

type Airport = { _id: string; city: string | null; runways: number };

before(async () => {
  const urls = await sharedServer();
  sql = await connectClient(urls.postgres);
  own = await ownDatabase();
  tables = own.client.db(schema);
  redis = new Redis(urls.redis, { enableReadyCheck: false });
  const { username, password } = new URL(urls.postgres);
  const authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
  http = async (method, path, body) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const response = await fetch(urls.http + path, { method, headers: { authorization, ...(body === undefined ? {} : { 'content-type': type }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };
  program = await open({ engine: urls.postgres, ...noPorts });
  await sql.query(`create schema ${schema}`);
  await sql.query(`create table ${schema}.airports (code text primary key, city text, runways int not null check (runways > 0))`);
  await own.db.createCollection('movies');
  await sql.query(`select facetdb.map_keys('${schema}.airports', '${prefix}:airport:'), facetdb.map_keys('"${own.db.databaseName}".movies', '${prefix}:movie:')`);
});

after(async () => {
  await sql.query(`select facetdb.unmap_keys('${prefix}:airport:'), facetdb.unmap_keys('${prefix}:movie:')`);
  await sql.query(`drop schema ${schema} cascade`);
  await program.close();
  await sql.end();
  redis.disconnect();
  await own.close();
});

async function airport(code: string): Promise<unknown> {
  return (await sql.query(`select city, runways from ${schema}.airports where code = $1`, [code])).rows[0];
}

describe('a row of a table', () => {
  before(() => sql.query(`insert into ${schema}.airports values ('AMS', 'Amsterdam', 6)`));

  test('through the MongoDB driver: read, filtered, changed, guarded', async () => {
    const airports = tables.collection<Airport>('airports');
    assert.deepEqual(await airports.findOne({ _id: 'AMS' }), { _id: 'AMS', city: 'Amsterdam', runways: 6 });
    assert.equal(await airports.countDocuments({ runways: { $gt: 5 } }), 1);
    await airports.insertOne({ _id: 'DEL', city: 'Delhi', runways: 4 });
    await airports.updateOne({ _id: 'DEL' }, { $inc: { runways: 1 } });
    assert.deepEqual(await airport('DEL'), { city: 'Delhi', runways: 5 });
    assert.equal(await codeOf(airports.insertOne({ _id: 'DEL', city: 'again', runways: 1 })), 11_000);
    assert.equal(await codeOf(airports.updateOne({ _id: 'DEL' }, { $set: { runways: 0 } })), 121);
    assert.equal(await codeOf(airports.updateOne({ _id: 'DEL' }, { $set: { unknown: 1 } })), 121);
  });

  test('through a Redis client: read where it is mapped', async () => {
    await eventually('the mapping is known', async () => (await redis.exists(`${prefix}:airport:AMS`)) === 1);
    assert.deepEqual(await redis.hgetall(`${prefix}:airport:AMS`), { code: 'AMS', city: 'Amsterdam', runways: '6' });
    await assert.rejects(redis.hset(`${prefix}:airport:AMS`, 'city', 'x'), /read-only|READONLY/u);
  });

  test('through HTTP: read and changed', async () => {
    assert.deepEqual((await http('GET', `/data/${schema}/airports/AMS`)).body, { code: 'AMS', city: 'Amsterdam', runways: 6 });
    assert.equal((await http('POST', `/data/${schema}/airports`, { code: 'NRT', city: 'Tokyo', runways: 2 })).status, 201);
    assert.equal((await http('PATCH', `/data/${schema}/airports/NRT`, { runways: 3 })).status, 200);
    assert.deepEqual(await airport('NRT'), { city: 'Tokyo', runways: 3 });
    assert.equal((await http('PATCH', `/data/${schema}/airports/NRT`, { unknown: 3 })).status, 400);
  });

  test('through TypeScript: as rows and as documents', async () => {
    assert.deepEqual(await program.sql`select city from ${program.sql.identifier(schema, 'airports')} where code = ${'AMS'}`, [{ city: 'Amsterdam' }]);
    assert.equal((await program.collection<Airport>(`${schema}.airports`).updateOne({ _id: 'AMS' }, { $set: { city: 'Schiphol' } })).modifiedCount, 1);
    assert.deepEqual(await airport('AMS'), { city: 'Schiphol', runways: 6 });
  });
});

describe('a document of a collection', () => {
  before(() => own.db.collection<{ _id: string }>('movies').insertOne({ _id: 'stalker', title: 'Stalker', year: 1979 } as { _id: string }));

  test('through SQL: read and changed', async () => {
    const movies = `"${own.db.databaseName}".movies`;
    assert.deepEqual((await sql.query(`select doc->>'title' as title from ${movies}`)).rows, [{ title: 'Stalker' }]);
    await sql.query(`update ${movies} set doc = doc || '{"seen": true}' where doc->>'_id' = 'stalker'`);
    assert.deepEqual(await own.db.collection<{ _id: string }>('movies').findOne({ _id: 'stalker' }, { projection: { seen: 1 } }), { _id: 'stalker', seen: true });
  });

  test('through a Redis client: read where it is mapped', async () => {
    await eventually('the mapping is known', async () => (await redis.exists(`${prefix}:movie:stalker`)) === 1);
    assert.deepEqual(await redis.hmget(`${prefix}:movie:stalker`, 'title', 'year'), ['Stalker', '1979']);
  });

  test('through HTTP: read and changed', async () => {
    const path = `/data/${own.db.databaseName}/movies`;
    assert.deepEqual(((await http('GET', `${path}/stalker`)).body as { title: string }).title, 'Stalker');
    assert.equal((await http('PATCH', `${path}/stalker`, { year: 1980 })).status, 200);
    assert.deepEqual(await own.db.collection<{ _id: string }>('movies').findOne({ _id: 'stalker' }, { projection: { _id: 0, year: 1 } }), { year: 1980 });
  });

  test('through TypeScript: read and changed', async () => {
    const movies = program.collection<{ _id: string; title: string; year: number }>(`${own.db.databaseName}.movies`);
    assert.equal((await movies.findOne({ _id: 'stalker' }))?.title, 'Stalker');
    await movies.updateOne({ _id: 'stalker' }, { $set: { year: 1979 } });
    assert.deepEqual(await redis.hget(`${prefix}:movie:stalker`, 'year'), '1979');
  });
});

describe('a key', () => {
  const key = `${prefix}:greeting`;
  before(() => redis.set(key, 'hello'));
  after(() => redis.del(key, `${key}:hash`));

  test('through SQL: read by views, changed by functions', async () => {
    assert.deepEqual((await sql.query('select value from keyspace0.entries where key = $1', [key])).rows, [{ value: 'hello' }]);
    await sql.query('select facetdb.set($1, $2)', [key, 'from sql']);
    assert.equal(await redis.get(key), 'from sql');
  });

  test('through the MongoDB driver: the keyspace as a collection, to read', async () => {
    const entries = own.client.db('keyspace0').collection<{ _id: string; type: string; value: unknown }>('entries');
    assert.deepEqual((await entries.findOne({ _id: key }))?.value, 'from sql');
    await assert.rejects(entries.updateOne({ _id: key }, { $set: { value: 'x' } }));
  });

  test('through HTTP: read and changed', async () => {
    const path = `/keys/0/${encodeURIComponent(key)}`;
    assert.deepEqual((await http('GET', path)).body, { type: 'string', value: 'from sql', expiresAt: null });
    assert.ok((await http('PUT', `/keys/0/${encodeURIComponent(`${key}:hash`)}`, { type: 'hash', value: { a: '1' } })).status < 300);
    assert.deepEqual(await redis.hgetall(`${key}:hash`), { a: '1' });
  });

  test('through TypeScript: read and changed', async () => {
    assert.equal(await program.keyvalue.get(key), 'from sql');
    await program.keyvalue.set(key, 'from a program');
    assert.equal(await redis.get(key), 'from a program');
  });
});
