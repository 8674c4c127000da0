// A program that connects to a server elsewhere: the interface of open(), over HTTP.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Database, Decimal128, DocumentWriteError, Long, ObjectId, connect } from '../../src/index.ts';
import { sharedServer } from '../support/shared-server.ts';

const name = `remote${process.pid}`;
let db: Database;
let address: { url: string; user: string; password: string };
before(async () => {
  const { http, postgres } = await sharedServer();
  const { username, password } = new URL(postgres);
  address = { url: http, user: decodeURIComponent(username), password: decodeURIComponent(password) };
  db = await connect(address.url, address);
});
after(async () => {
  await db.sql`drop schema if exists ${db.sql.identifier(name)} cascade`;
  await db.keyvalue.del(name);
  await db.close();
});

test('types come and go as JavaScript has them', async () => {
  const at = new Date('2024-02-29T12:00:00.123Z');
  const [row] = await db.sql`select ${7}::int4 as i, ${9_007_199_254_740_993n}::int8 as l, ${at}::timestamptz as at, ${Buffer.from([0, 255])}::bytea as b, ${{ int8: [1] }}::jsonb as j, ${[1, 2]}::int4[] as list, ${null}::text as nothing, ${true}::bool as t, ${Number.NaN}::float8 as nan`;
  assert.deepEqual(row, { i: 7, l: 9_007_199_254_740_993n, at, b: Buffer.from([0, 255]), j: { int8: [1] }, list: [1, 2], nothing: null, t: true, nan: Number.NaN });
  assert.deepEqual(await db.sql`select 1 as one`.result(), { rows: [{ one: 1 }], rowCount: 1, tag: 'SELECT 1' });
});

test('rows stream as they are read, and who stops early goes on', async () => {
  let seen = 0;
  for await (const { n } of db.sql<{ n: number }>`select n from generate_series(1, 1000000) as n`) if ((seen = n) === 5_000) break;
  assert.equal(seen, 5_000);
  let sum = 0n;
  for await (const { n } of db.sql<{ n: bigint }>`select n::int8 from generate_series(1, 3000) as n`) sum += n;
  assert.equal(sum, 4_501_500n);
});

test('collections, with every type and every refusal', async () => {
  const things = db.collection<{ _id: ObjectId | number; price?: unknown; big?: unknown }>(`${name}.things`);
  const _id = new ObjectId();
  await things.insertOne({ _id, price: Decimal128.fromString('9.90'), big: Long.fromString('9007199254740993') });
  const found = await things.findOne({ price: Decimal128.fromString('9.9') });
  assert.deepEqual([found?._id, String(found?.price), String(found?.big)], [_id, '9.90', '9007199254740993']);
  const refused = await things.insertMany([{ _id: 2 }, { _id: 2 }, { _id: 3 }], { ordered: false }).then(() => undefined, (error: unknown) => error);
  assert.ok(refused instanceof DocumentWriteError);
  assert.deepEqual([refused.number, refused.writeErrors.map(({ index }) => index)], [11_000, [1]]);
  await assert.rejects(things.updateOne({ _id: 2 }, { $nope: {} }), { number: 9, codeName: 'FailedToParse' });
  await things.insertMany(Array.from({ length: 500 }, (_, n) => ({ _id: 100 + n })));
  assert.equal((await things.find({ _id: { $gte: 100 } }, { batchSize: 50 }).toArray()).length, 500);
});

test('keys', async () => {
  const { keyvalue } = db;
  assert.equal(await keyvalue.hset(name, { name: 'Ann', age: 41 }), 2);
  assert.deepEqual([await keyvalue.hgetall(name), await keyvalue.hincrby(name, 'age', 1)], [{ name: 'Ann', age: '41' }, 42]);
  await keyvalue.del(name);
  await keyvalue.set(name, Buffer.from([0, 255]));
  assert.deepEqual(await keyvalue.binary.get(name), Buffer.from([0, 255]));
  await assert.rejects(keyvalue.lpush(name, 'x'), { code: 'wrong_kind' });
  assert.equal(await keyvalue.set(name, 'x', { nx: true }), false);
});

test('transactions over all models, joined, retried, rolled back', async () => {
  await db.sql`create schema if not exists ${db.sql.identifier(name)}`;
  await db.sql.query(`create table ${name}.counters (id int primary key, n int)`);
  await db.sql.query(`insert into ${name}.counters values (1, 0)`);
  const increment = (): Promise<void> => db.transaction({ retries: 50 }, async (tx) => {
    const [row] = await tx.sql.query<{ n: number }>(`select n from ${name}.counters where id = 1`);
    await tx.sql.query(`update ${name}.counters set n = $1 where id = 1`, [row!.n + 1]);
  });
  await Promise.all(Array.from({ length: 4 }, increment));
  assert.deepEqual(await db.sql.query(`select n from ${name}.counters`), [{ n: 4 }]);
  let token = '';
  await assert.rejects(db.transaction(async (tx) => {
    token = await tx.share();
    await (await db.join(token)).keyvalue.set(`${name}:joined`, 'yes');
    await tx.collection(`${name}.audit`).insertOne({ n: 1 });
    assert.deepEqual([await tx.keyvalue.get(`${name}:joined`), await db.keyvalue.get(`${name}:joined`)], ['yes', null]);
    throw new Error('thought better of it');
  }), /thought better/u);
  assert.deepEqual([await db.keyvalue.get(`${name}:joined`), await db.collection(`${name}.audit`).countDocuments()], [null, 0]);
  await assert.rejects(db.join(token), { code: 'transaction_state' });
});

test('what HTTP does not have is refused by name, and errors are what they were there', async () => {
  await assert.rejects(db.sql.copyFrom('copy x from stdin', []), { code: 'engine_unsupported' });
  await assert.rejects(async () => { for await (const chunk of db.sql.copyTo('copy x to stdout')) void chunk; }, { code: 'engine_unsupported' });
  assert.throws(() => db.as('someone'), { code: 'permission_denied' });
  await assert.rejects(db.sql`selec 1`.result(), { code: 'syntax_invalid' });
  await assert.rejects(db.sql`select pg_sleep(60)`.with({ timeoutMs: 50 }).result(), { code: 'statement_timeout' });
  await assert.rejects(db.sql`select pg_sleep(60)`.with({ signal: AbortSignal.timeout(50) }).result(), { code: 'cancelled' });
  await assert.rejects(connect(address.url, { user: address.user, password: 'wrong' }), { code: 'authentication_failed' });
  await assert.rejects(connect(address.url, { token: 'fdb_none' }), { code: 'authentication_failed' });
  await assert.rejects(connect('http://127.0.0.1:64999'), { code: 'engine_unavailable' });
  await assert.rejects(connect('postgres://x'), { code: 'configuration_invalid' });
});
