// The chapter of one dataset: airports are rows, reports on them documents, counters keys; each is read by another model's
// driver, one transaction of three drivers changes all of them, and a role reaches only what it was granted.

import { randomBytes } from 'node:crypto';
import { MongoClient, MongoServerError } from 'mongodb';
import postgres from 'postgres';
import { createClient } from 'redis';
import type { Chapter, Visit } from './chapter.ts';
import { airportsAsCsv } from './datasets.ts';
import { type Row, duration } from './screen.ts';

const schema = 'facetdb_tour_across';
const prefix = `${schema}:`;
const role = 'facetdb_tour_reader';

type Redis = ReturnType<typeof createClient>;
type Drivers = { readonly visit: Visit; readonly sql: postgres.Sql; readonly mongodb: MongoClient; readonly redis: Redis };

export const across: Chapter = {
  title: 'One dataset: what all of them get together',
  async run(visit) {
    const { postgresRelay, mongodb: mongodbUrl, redis: redisUrl } = visit.urls;
    if (postgresRelay === undefined || mongodbUrl === undefined || redisUrl === undefined) return visit.screen.say('Not shown: the URLs of the relay, MongoDB and Redis ports were not all given.');
    const sql = postgres(postgresRelay, { max: 1, onnotice: () => {} });
    const mongodb = await MongoClient.connect(mongodbUrl);
    const redis: Redis = createClient({ url: redisUrl });
    await redis.connect();
    const drivers = { visit, sql, mongodb, redis };
    try {
      await loadAirports(drivers);
      await readByOthers(drivers);
      await changeTogether(drivers, 'rollback');
      await changeTogether(drivers, 'commit');
      await refuse(drivers, mongodbUrl);
    } finally {
      await sql.unsafe(`rollback; select facetdb.unmap_keys('${prefix}airport:'), facetdb.delete('${prefix}reports'); drop schema if exists ${schema} cascade`);
      await sql.end();
      await redis.close();
      await mongodb.close();
    }
  },
};

async function loadAirports({ visit, sql, mongodb }: Drivers): Promise<void> {
  visit.screen.say('Airports are rows; reports on them, each with fields of its own, are documents');
  await sql.unsafe(`create schema ${schema}; create table ${schema}.airports (iata text primary key, name text, city text, state text, country text, latitude real, longitude real)`);
  const { stream } = await airportsAsCsv();
  const copy = await sql.unsafe(`copy ${schema}.airports from stdin (format csv, header)`).writable();
  await new Promise<void>((resolve, reject) => stream.pipe(copy).once('finish', resolve).once('error', reject));
  await mongodb.db(schema).collection('reports').insertOne({ airport: 'SFO', fog: { until: '11:00' } });
}

async function readByOthers({ visit, sql, mongodb, redis }: Drivers): Promise<void> {
  visit.screen.say('MongoDB’s driver reads the table: a row is a document, its primary key is _id');
  await show(visit, `airports.find({ state: 'HI' }).sort({ _id: 1 }).limit(2)`, async () =>
    await mongodb.db(schema).collection('airports').find({ state: 'HI' }).sort({ _id: 1 }).limit(2).project({ name: 1, city: 1 }).toArray());
  visit.screen.say('A Redis client reads rows as hashes, where keys are mapped to them');
  await show(visit, `select facetdb.map_keys('${schema}.airports', '${prefix}airport:')`, async () => [...(await sql.unsafe<Row[]>(`select facetdb.map_keys('${schema}.airports', '${prefix}airport:')`))]);
  await show(visit, `HMGET ${prefix}airport:SFO iata city`, async () => {
    const fields = ['iata', 'city'];
    // A gateway knows a new mapping within a second.
    for (let waitedMs = 0; waitedMs < 3_000 && (await redis.exists(`${prefix}airport:SFO`)) === 0; waitedMs += 50) await new Promise((resolve) => setTimeout(resolve, 50));
    const values = await redis.hmGet(`${prefix}airport:SFO`, fields);
    return [Object.fromEntries(fields.map((field, index) => [field, values[index]]))];
  });
  visit.screen.say('SQL joins documents with rows');
  const join = `select a.city, r.doc->'fog'->>'until' as fog_until from ${schema}.reports r join ${schema}.airports a on a.iata = r.doc->>'airport'`;
  await show(visit, join, async () => [...(await sql.unsafe<Row[]>(join))]);
}

/** A SQL client opens a transaction, and two others join it by its token. */
async function changeTogether({ visit, sql, mongodb, redis }: Drivers, ending: 'commit' | 'rollback'): Promise<void> {
  const reports = mongodb.db(schema).collection('reports');
  visit.screen.say(`Three drivers in one transaction, ended by a ${ending}`);
  await sql.unsafe('begin');
  const statement = 'select facetdb.share_transaction() as token';
  visit.screen.statement(`begin; ${statement}`);
  const [row] = await sql.unsafe<{ token: string }[]>(statement);
  const token = row!.token;
  visit.screen.answer([{ token: `${token.slice(0, 8)}…` }], 'SQL opened it');
  await show(visit, `update airports set name = name || ' (closed)' where iata = 'SFO'`, async () =>
    [...(await sql.unsafe<Row[]>(`update ${schema}.airports set name = name || ' (closed)' where iata = 'SFO' returning name`))]);
  await show(visit, `reports.insertOne({ airport: 'SFO', closed: true }, { comment: 'facetdb:transaction=…' })`, async () => {
    await reports.insertOne({ airport: 'SFO', closed: true }, { comment: `facetdb:transaction=${token}` });
    return [];
  });
  await redis.sendCommand(['FACETDB', 'JOIN', token]);
  await show(visit, `FACETDB JOIN … \nINCR ${prefix}reports`, async () => [{ reply: await redis.incr(`${prefix}reports`) }]);
  visit.screen.statement(ending);
  await sql.unsafe(ending);
  await redis.sendCommand(['FACETDB', 'LEAVE']);
  visit.screen.say('What there is now, each read by another than wrote it');
  await show(visit, 'airports.findOne, GET by SQL, reports counted by SQL', async () => {
    const airport = await mongodb.db(schema).collection<{ _id: string; name: string }>('airports').findOne({ _id: 'SFO' });
    const [counted] = await sql.unsafe<{ counter: string | null; reports: number }[]>(`select facetdb.get('${prefix}reports') as counter, count(*)::int as reports from ${schema}.reports`);
    return [{ airport: airport?.name, ...counted }];
  });
}

async function refuse({ visit, sql }: Drivers, mongodbUrl: string): Promise<void> {
  visit.screen.say('One grant, every way in: a role that may read the airports, and nothing else');
  const password = randomBytes(16).toString('hex');
  visit.screen.statement(`create role ${role} login password '…'; grant usage on schema ${schema} to ${role}; grant select on airports to ${role}`);
  await sql.unsafe(`create role ${role} login password '${password}'; grant usage on schema ${schema} to ${role}; grant select on ${schema}.airports to ${role}`);
  const client = await MongoClient.connect(Object.assign(new URL(mongodbUrl), { username: role, password }).href);
  try {
    const db = client.db(schema);
    await show(visit, 'airports.countDocuments()', async () => [{ airports: await db.collection('airports').countDocuments() }]);
    visit.screen.statement('reports.findOne()');
    const refusal: unknown = await db.collection('reports').findOne().catch((error: unknown) => error);
    if (!(refusal instanceof MongoServerError) || refusal.code !== 13) throw new Error('this should have been refused');
    visit.screen.refusal(`${refusal.message} (13)`);
  } finally {
    await client.close();
    await sql.unsafe(`drop owned by ${role}; drop role ${role}`);
  }
}

async function show({ screen, signal }: Visit, text: string, work: () => Promise<readonly Row[]>): Promise<void> {
  signal.throwIfAborted();
  screen.statement(text);
  const startedAt = performance.now();
  screen.answer(await work(), duration(startedAt));
}
