// A program that opens the store in its own process: SQL, documents and keys, alone and in one transaction.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { type Database, Decimal128, DocumentWriteError, Long, ObjectId, isFacetError, open } from '../../src/index.ts';
import { eventually } from '../support/eventually.ts';
import { newDataFolder } from '../support/new-data-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let db: Database;
before(async () => (db = await open({ data: newDataFolder() })));
after(() => db.close());

describe('sql', () => {
  test('values are parameters, statements and names are parts', async () => {
    const hostile = `'; drop table x; --`;
    const condition = db.sql`a = ${hostile} and b > ${1}`;
    const query = db.sql`select * from ${db.sql.identifier('public', 'My "Table"')} where ${condition} limit ${5}`;
    assert.equal(query.text, 'select * from "public"."My ""Table""" where a = $1 and b > $2 limit $3');
    assert.deepEqual(query.values, [hostile, 1, 5]);
    assert.deepEqual(await db.sql<{ text: string }>`select ${hostile}::text as text`, [{ text: hostile }]);
    await assert.rejects(async () => void (await db.sql`select ${undefined}`), { code: 'data_invalid' });
  });

  test('types come and go as JavaScript has them', async () => {
    const at = new Date('2024-02-29T12:00:00.123Z');
    const [row] = await db.sql`select ${7}::int4 as i, ${9_007_199_254_740_993n}::int8 as l, ${at}::timestamptz as at, ${Buffer.from([0, 255])}::bytea as b, ${{ a: [1] }}::jsonb as j, ${[1, 2]}::int4[] as list, ${null}::text as nothing, ${true}::bool as t`;
    assert.deepEqual(row, { i: 7, l: 9_007_199_254_740_993n, at, b: Buffer.from([0, 255]), j: { a: [1] }, list: [1, 2], nothing: null, t: true });
  });

  test('rows stream as they are read, and who stops early leaves the connection usable', async () => {
    let seen = 0;
    for await (const { n } of db.sql<{ n: number }>`select n from generate_series(1, 2000000) as n`) if ((seen = n) === 5_000) break;
    assert.equal(seen, 5_000);
    assert.deepEqual(await db.sql`select 1 as one`, [{ one: 1 }]);
  });

  test('a reader that stands still does not hold a statement beyond its bounds', async () => {
    const running = async (): Promise<unknown> => await db.sql`select count(*)::int as n from pg_stat_activity where state = 'active' and query like 'select n, repeat%'`;
    for (const boundsOf of [() => ({ timeoutMs: 1_000 }), () => ({ signal: AbortSignal.timeout(1_000) })]) {
      const bounds = boundsOf();
      const rows = db.sql`select n, repeat('x', 1000) as filling from generate_series(1, 1000000) as n`.with(bounds)[Symbol.asyncIterator]();
      await rows.next();
      await eventually('the statement has ended', async () => isDeepStrictEqual(await running(), [{ n: 0 }]));
      await assert.rejects(async () => {
        for await (const row of { [Symbol.asyncIterator]: () => rows }) void row;
      }, { code: 'signal' in bounds ? 'cancelled' : 'statement_timeout' });
    }
  });

  test('COPY in and out', async () => {
    await db.sql`create table copied (id int primary key, name text)`;
    assert.equal(await db.sql.copyFrom('copy copied from stdin', ['1\tone\n', Buffer.from('2\ttwo\n')]), 2);
    let text = '';
    for await (const chunk of db.sql.copyTo('copy (select * from copied order by id) to stdout')) text += Buffer.from(chunk).toString();
    assert.equal(text, '1\tone\n2\ttwo\n');
    await assert.rejects(db.sql.copyFrom('copy copied from stdin', ['1\tagain\n']), { code: 'unique_violation' });
    const failing = async function* (): AsyncGenerator<string> {
      yield '3\tthree\n';
      throw new Error('the file is gone');
    };
    await assert.rejects(db.sql.copyFrom('copy copied from stdin', failing()), /the file is gone/u);
    assert.deepEqual(await db.sql`select count(*)::int as n from copied`, [{ n: 2 }]);
  });

  test('a signal and a time limit end a statement', async () => {
    await assert.rejects(db.sql`select pg_sleep(60)`.with({ timeoutMs: 50 }).result(), { code: 'statement_timeout' });
    await assert.rejects(db.sql`select pg_sleep(60)`.with({ signal: AbortSignal.timeout(50) }).result(), { code: 'cancelled' });
  });

  test('what a statement leaves on its session is forgotten', async () => {
    await db.sql`select set_config('search_path', 'nowhere', false), pg_advisory_lock(1)`;
    for (let n = 0; n < 3; n++) assert.deepEqual(await db.sql`select current_setting('search_path') as path`, [{ path: '"$user", public' }]);
    assert.deepEqual(await db.sql`select count(*)::int as n from pg_locks where locktype = 'advisory'`, [{ n: 0 }]);
  });

  test('transactions are not a matter of statements', async () => {
    for (const text of ['begin', '/* x */ COMMIT', 'rollback']) await assert.rejects(db.sql.query(text).result(), { code: 'transaction_state' });
    await db.transaction(async (tx) => assert.rejects(tx.sql.query('commit').result(), { code: 'transaction_state' }));
  });
});

describe('collections', () => {
  type Movie = { title: string; year: number; ratings?: number[]; watched?: boolean };

  test('documents are inserted, found, changed and removed as with the driver', async () => {
    const movies = db.collection<Movie>('shop.movies');
    const { insertedId } = await movies.insertOne({ title: 'Stalker', year: 1979 });
    assert.ok(insertedId instanceof ObjectId);
    assert.equal((await movies.insertMany([{ title: 'Solaris', year: 1972 }, { title: 'Mirror', year: 1975, ratings: [8, 9] }])).insertedCount, 2);
    assert.deepEqual((await movies.find({ year: { $lt: 1979 } }).sort({ year: -1 }).project<{ title: string }>({ _id: 0, title: 1 }).toArray()), [{ title: 'Mirror' }, { title: 'Solaris' }]);
    assert.deepEqual(await movies.updateMany({ year: { $gt: 1973 } }, { $set: { watched: true } }), { matchedCount: 2, modifiedCount: 2, upsertedCount: 0, upsertedId: null });
    assert.equal((await movies.findOneAndUpdate({ _id: insertedId }, { $inc: { year: 1 } }, { returnDocument: 'after' }))?.year, 1980);
    assert.equal(await movies.findOneAndDelete({ title: 'Nothing' }), null);
    assert.deepEqual((await movies.distinct('title')).sort(), ['Mirror', 'Solaris', 'Stalker']);
    assert.deepEqual(await movies.aggregate([{ $group: { _id: '$watched', n: { $sum: 1 } } }, { $sort: { n: 1 } }]).toArray(), [{ _id: null, n: 1 }, { _id: true, n: 2 }]);
    assert.deepEqual([await movies.countDocuments({ watched: true }), await movies.estimatedDocumentCount()], [2, 3]);
    assert.deepEqual((await movies.replaceOne({ title: 'Nostalghia' }, { title: 'Nostalghia', year: 1983 }, { upsert: true })).upsertedCount, 1);
    assert.deepEqual(await movies.deleteMany({ year: { $lt: 1976 } }), { deletedCount: 2 });
    assert.deepEqual(await db.sql`select doc->>'title' as title from shop.movies order by 1`, [{ title: 'Nostalghia' }, { title: 'Stalker' }]);
  });

  test('long cursors go on from batch to batch, and are closed when left', async () => {
    const numbers = db.collection<{ n: number }>('shop.numbers');
    await numbers.insertMany(Array.from({ length: 2_500 }, (_, n) => ({ n })));
    assert.equal((await numbers.find({}, { batchSize: 100 }).toArray()).length, 2_500);
    for await (const { n } of numbers.find().sort({ n: 1 })) if (n === 200) break;
    assert.equal((await numbers.find({ n: { $gte: 2_400 } }).limit(5).toArray()).length, 5);
  });

  test('types of BSON, indexes, and what is refused', async () => {
    const things = db.collection<{ _id: number; price?: unknown; big?: unknown }>('shop.things');
    await things.insertOne({ _id: 1, price: Decimal128.fromString('9.90'), big: Long.fromString('9007199254740993') });
    const found = await things.findOne({ price: Decimal128.fromString('9.9') });
    assert.deepEqual([String(found?.price), String(found?.big)], ['9.90', '9007199254740993']);
    assert.equal(await things.createIndex({ price: 1 }, { unique: true }), 'price_1');
    assert.deepEqual((await things.indexes()).map(({ name }) => name as string), ['_id_', 'price_1']);
    const refused = await things.insertMany([{ _id: 2 }, { _id: 1 }, { _id: 3 }], { ordered: false }).then(() => undefined, (error: unknown) => error);
    assert.ok(refused instanceof DocumentWriteError);
    assert.deepEqual([refused.number, refused.writeErrors.map(({ index }) => index), isFacetError(refused, 'document_refused')], [11_000, [1, 2], true]);
    await assert.rejects(things.updateOne({ _id: 1 }, { $nope: {} }), { number: 9, codeName: 'FailedToParse' });
    assert.throws(() => db.collection('nodot'), { code: 'data_invalid' });
    assert.deepEqual([await things.drop(), await things.drop()], [true, false]);
  });

  test('bulkWrite', async () => {
    const bulk = db.collection<{ _id: number; v?: number }>('shop.bulk');
    const done = await bulk.bulkWrite([
      { insertOne: { document: { _id: 1 } } }, { insertOne: { document: { _id: 2 } } }, { updateOne: { filter: { _id: 3 }, update: { $set: { v: 1 } }, upsert: true } },
      { deleteOne: { filter: { _id: 1 } } }, { updateMany: { filter: {}, update: { $inc: { v: 1 } } } },
    ]);
    assert.deepEqual(done, { insertedCount: 2, matchedCount: 2, modifiedCount: 2, deletedCount: 1, upsertedCount: 1, insertedIds: { 0: 1, 1: 2 }, upsertedIds: { 2: 3 } });
    const refused = await bulk.bulkWrite([{ deleteMany: { filter: {} } }, { insertOne: { document: { _id: 5 } } }, { insertOne: { document: { _id: 5 } } }, { deleteMany: { filter: {} } }]).then(() => undefined, (error: unknown) => error);
    assert.ok(refused instanceof DocumentWriteError);
    assert.deepEqual([refused.writeErrors[0]?.index, await bulk.countDocuments()], [2, 1]);
  });
});

describe('keys and values', () => {
  test('strings, expiry and counters', async () => {
    const { keyvalue } = db;
    assert.equal(await keyvalue.set('greeting', 'hello', { ex: 60 }), true);
    assert.equal(await keyvalue.set('greeting', 'again', { nx: true }), false);
    assert.equal(await keyvalue.get('greeting'), 'hello');
    assert.ok((await keyvalue.pttl('greeting')) > 50_000);
    assert.deepEqual([await keyvalue.incrby('count', 5), await keyvalue.incr('count'), await keyvalue.mget('count', 'none')], [5, 6, ['6', null]]);
    assert.deepEqual(await keyvalue.binary.get('greeting'), Buffer.from('hello'));
    assert.equal(await keyvalue.database(3).get('greeting'), null);
    await assert.rejects(keyvalue.lpush('greeting', 'x'), { code: 'wrong_kind' });
    await assert.rejects(keyvalue.command('NOPE'), { code: 'key_refused', message: /unknown command/u });
  });

  test('hashes, lists, sets and sorted sets', async () => {
    const { keyvalue } = db;
    assert.equal(await keyvalue.hset('user', { name: 'Ann', age: 41 }), 2);
    assert.deepEqual([await keyvalue.hgetall('user'), await keyvalue.hincrby('user', 'age', 1)], [{ name: 'Ann', age: '41' }, 42]);
    await keyvalue.rpush('queue', 'a', 'b', 'c');
    assert.deepEqual([await keyvalue.lpop('queue'), await keyvalue.lrange('queue')], ['a', ['b', 'c']]);
    await keyvalue.sadd('tags', 'x', 'y');
    await keyvalue.sadd('others', 'y', 'z');
    assert.deepEqual([await keyvalue.sinter('tags', 'others'), await keyvalue.sismember('tags', 'x')], [['y'], true]);
    await keyvalue.zadd('scores', { member: 'ann', score: 3 }, { member: 'bob', score: 1.5 });
    assert.deepEqual(await keyvalue.zrange('scores', 0, -1, { reverse: true }), [{ member: 'ann', score: 3 }, { member: 'bob', score: 1.5 }]);
    assert.deepEqual([await keyvalue.zscore('scores', 'bob'), await keyvalue.zrank('scores', 'none')], [1.5, null]);
    const keys: string[] = [];
    for await (const key of keyvalue.scan({ match: 'us*' })) keys.push(key);
    assert.deepEqual(keys, ['user']);
  });
});

describe('transactions', () => {
  test('cover all models, and nothing is left of one that throws', async () => {
    await db.sql`create table ledger (id int primary key, amount int)`;
    const done = await db.transaction(async (tx) => {
      await tx.sql`insert into ledger values (1, 100)`;
      await tx.collection('shop.audit').insertOne({ ledger: 1 });
      await tx.keyvalue.rpush('ledger:queue', 1);
      return (await tx.sql<{ amount: number }>`select amount from ledger`)[0]!.amount;
    });
    assert.equal(done, 100);
    await assert.rejects(db.transaction(async (tx) => {
      await tx.sql`insert into ledger values (2, 100)`;
      await tx.collection('shop.audit').insertOne({ ledger: 2 });
      await tx.keyvalue.rpush('ledger:queue', 2);
      throw new Error('thought better of it');
    }), /thought better/u);
    assert.deepEqual([await db.sql`select id from ledger`, await db.collection('shop.audit').countDocuments(), await db.keyvalue.lrange('ledger:queue')], [[{ id: 1 }], 1, ['1']]);
  });

  test('one that conflicts is run again, up to its bound', async () => {
    await db.sql`create table counters (id int primary key, n int)`;
    await db.sql`insert into counters values (1, 0)`;
    let runs = 0;
    const increment = (): Promise<void> => db.transaction({ retries: 50 }, async (tx) => {
      runs += 1;
      const [row] = await tx.sql<{ n: number }>`select n from counters where id = 1`;
      await tx.sql`update counters set n = ${row!.n + 1} where id = 1`;
    });
    await Promise.all(Array.from({ length: 8 }, increment));
    assert.deepEqual(await db.sql`select n from counters`, [{ n: 8 }]);
    assert.ok(runs > 8, `${runs} runs`);
    await assert.rejects(db.transaction({ retries: 0 }, async (tx) => {
      await tx.sql`select n from counters`;
      await db.sql`update counters set n = n + 1`;
      await tx.sql`update counters set n = n + 1`;
    }), { code: 'serialization_failure' });
  });

  test('another part of the program joins by a token until it ends', async () => {
    let token = '';
    await db.transaction(async (tx) => {
      token = await tx.share();
      const joined = await db.join(token);
      await joined.keyvalue.set('joined', 'yes');
      assert.deepEqual([await db.keyvalue.get('joined'), await tx.keyvalue.get('joined')], [null, 'yes']);
    });
    assert.equal(await db.keyvalue.get('joined'), 'yes');
    await assert.rejects(db.join(token), { code: 'transaction_state' });
  });
});

test('another role may do what it is granted, through every model', async () => {
  await db.sql`create role reader login`;
  await db.sql`create table secrets (id int)`;
  await db.sql`grant select on secrets to reader`;
  const reader = db.as('reader');
  assert.deepEqual(await reader.sql`select count(*)::int as n from secrets`, [{ n: 0 }]);
  await assert.rejects(reader.sql`insert into secrets values (1)`.result(), { code: 'permission_denied' });
  await assert.rejects(reader.collection('shop.movies').findOne({}), { number: 13 });
  await assert.rejects(reader.keyvalue.get('greeting'), { code: 'permission_denied' });
});

test('a closed database is opened again with what was in it', async () => {
  const data = join(temporaryFolder(), 'again');
  {
    await using first = await open({ data });
    await first.keyvalue.set('kept', 'yes');
  }
  await using second = await open({ data });
  assert.equal(await second.keyvalue.get('kept'), 'yes');
});
