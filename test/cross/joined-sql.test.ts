// SQL clients in the transactions of others: opened by a SQL driver, a MongoDB driver and over HTTP, joined by pg, postgres.js and psql.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import type pg from 'pg';
import postgres from 'postgres';
import { sharedServer } from '../support/shared-server.ts';
import { connectClient } from '../support/with-client.ts';
import { type OwnDatabase, ownDatabase } from '../mongodb/support/mongodb.ts';

const hasPsql = spawnSync('psql', ['--version']).status === 0;
const schema = `joined_${process.pid}`;
const key = `joined:${process.pid}`;
let relay = '';
let http = '';
let authorization = '';
let outsider: pg.Client;
let own: OwnDatabase;
let redis: Redis;

before(async () => {
  const urls = await sharedServer();
  relay = urls.postgresRelay!;
  http = urls.http;
  const { username, password } = new URL(urls.postgres);
  authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
  outsider = await connectClient(urls.postgres);
  own = await ownDatabase();
  redis = new Redis(urls.redis, { enableReadyCheck: false });
  await outsider.query(`create schema ${schema}; create table ${schema}.things (id int primary key, name text)`);
  await own.db.createCollection('audit');
});

after(async () => {
  redis.disconnect();
  await outsider.query(`drop schema ${schema} cascade`);
  await outsider.end();
  await own.close();
});

async function post(path: string, token?: string, body?: unknown): Promise<Record<string, unknown>> {
  const headers = { authorization, 'content-type': 'application/json', ...(token === undefined ? {} : { 'facetdb-transaction': token }) };
  const response = await fetch(`${http}${path}`, { method: 'POST', headers, body: JSON.stringify(body ?? {}) });
  const text = await response.text();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

type Opened = { readonly token: string; readonly commit: () => Promise<unknown>; readonly rollback: () => Promise<unknown>; readonly close: () => Promise<unknown> };

const openers: Record<string, () => Promise<Opened>> = {
  sql: async () => {
    const client = await connectClient(relay);
    await client.query('begin');
    const { rows } = await client.query<{ token: string }>('select facetdb.share_transaction() as token');
    return { token: rows[0]!.token, commit: () => client.query('commit'), rollback: () => client.query('rollback'), close: () => client.end() };
  },
  mongodb: async () => {
    const session = own.client.startSession();
    session.startTransaction();
    await own.db.collection('audit').countDocuments({}, { session });
    const { token } = (await own.db.command({ shareTransaction: 1 }, { session })) as unknown as { token: string };
    return { token, commit: () => session.commitTransaction(), rollback: () => session.abortTransaction(), close: () => session.endSession() };
  },
  http: async () => {
    const { token } = (await post('/transactions')) as { token: string };
    return { token, commit: () => post(`/transactions/${token}/commit`), rollback: () => post(`/transactions/${token}/rollback`), close: () => post(`/transactions/${token}/rollback`) };
  },
};

const insert = `insert into ${schema}.things values ($1, $2)`;
const names = async (client: pg.Client): Promise<string[]> => (await client.query<{ name: string }>(`select name from ${schema}.things order by id`)).rows.map(({ name }) => name);

describe('every opener’s transaction', () => {
  for (const [name, open] of Object.entries(openers)) {
    for (const end of ['rollback', 'commit'] as const) {
      test(`${name}: three SQL drivers work in it and ${end} is the opener’s`, async () => {
        const opened = await open();
        const first = await connectClient(relay);
        const second = postgres(relay, { max: 1, onnotice: () => {} });
        try {
          // Prepared before: it works there as well.
          await first.query({ name: 'insert', text: `insert into ${schema}.things select $1::int, $2 where false`, values: [0, 'x'] });
          await first.query('select facetdb.join_transaction($1)', [opened.token]);
          await second`select facetdb.join_transaction(${opened.token})`;
          await first.query({ name: 'insert', text: `insert into ${schema}.things select $1::int, $2 where false`, values: [0, 'x'] });
          await first.query(insert, [1, 'pg']);
          await first.query({ name: 'named', text: insert, values: [2, 'pg named'] });
          await second`insert into ${second(schema)}.things values (${3}, ${'postgres.js'})`;
          await second.unsafe(`insert into ${schema}.things values (4, 'simple'); update ${schema}.things set name = name || '!' where id = 1`);
          if (hasPsql) {
            const script = `select facetdb.join_transaction('${opened.token}');\ninsert into ${schema}.things values (5, 'psql');\ncopy ${schema}.things from stdin;\n6\tcopied\n\\.\n`;
            const { status, stderr } = spawnSync('psql', [relay, '-qAtX', '-v', 'ON_ERROR_STOP=1'], { input: script, encoding: 'utf8' });
            assert.deepEqual([status, stderr], [0, '']);
          }
          await redis.call('FACETDB', 'JOIN', opened.token);
          await redis.set(key, name);
          assert.equal((await post('/sql', opened.token, { statement: insert, parameters: [7, 'http'] }))['code'], undefined);
          const expected = ['pg!', 'pg named', 'postgres.js', 'simple', ...(hasPsql ? ['psql', 'copied'] : []), 'http'];
          assert.deepEqual(await names(first), expected);
          assert.deepEqual((await second`select facetdb.get(${key}) as value`).map((row) => String(row['value'])), [name]);
          assert.deepEqual(await names(outsider), []);
          await opened[end]();
          await assert.rejects(names(first), { code: '25000', message: /has ended/u });
          await first.query('select facetdb.leave_transaction()');
          await second`select facetdb.leave_transaction()`;
          assert.deepEqual(await names(first), end === 'commit' ? expected : []);
          await redis.call('FACETDB', 'LEAVE');
          assert.equal(await redis.get(key), end === 'commit' ? name : null);
          // Prepared there: it works here as well.
          await first.query('begin');
          await first.query({ name: 'named', text: insert, values: [90, 'later'] });
          await first.query('rollback');
        } finally {
          await redis.call('FACETDB', 'LEAVE').catch(() => {});
          await opened.close();
          await first.end();
          await second.end();
          await outsider.query(`truncate ${schema}.things`);
          await redis.del(key);
        }
      });
    }
  }
});

describe('who has joined', () => {
  let opened: Opened;
  let joined: pg.Client;

  const join = async (): Promise<void> => {
    opened = await openers['sql']!();
    joined = await connectClient(relay);
    await joined.query('select facetdb.join_transaction($1)', [opened.token]);
  };
  const leave = async (): Promise<void> => {
    await opened.rollback();
    await opened.close();
    await joined.end();
  };

  test('does not end the transaction, nor set savepoints in it', async () => {
    await join();
    await joined.query(insert, [1, 'kept']);
    for (const text of ['commit', 'rollback', 'begin', 'savepoint s', 'release s', '/* x */ end', 'select 1; commit', 'prepare transaction $$x$$']) await assert.rejects(joined.query(text), { code: '2D000' }, text);
    await assert.rejects(joined.query({ text: 'commit', values: [], queryMode: 'extended' } as pg.QueryConfig), { code: '2D000' });
    assert.deepEqual(await names(joined), ['kept']);
    assert.equal((await joined.query("select 'a;commit' as text")).rows[0].text, 'a;commit');
    await leave();
  });

  test('fails the transaction by its errors, for all, and gets out of it', async () => {
    await join();
    await assert.rejects(joined.query('select 1/0'), { code: '22012' });
    await assert.rejects(joined.query('select 1'), { code: '25P02' });
    assert.equal((await post('/sql', opened.token, { statement: 'select 1' }))['code'], 'transaction_aborted');
    await joined.query('select facetdb.leave_transaction()');
    assert.equal((await joined.query('select 1 as one')).rows[0].one, 1);
    await leave();
  });

  test('waits while another’s statement is under way, and is waited for', async () => {
    await join();
    const other = await connectClient(relay);
    await other.query('select facetdb.join_transaction($1)', [opened.token]);
    const order: string[] = [];
    const slow = joined.query('select pg_sleep(0.2)').then(() => order.push('slow'));
    await sleep(50);
    const quick = other.query('select 1').then(() => order.push('quick'));
    await Promise.all([slow, quick]);
    assert.deepEqual(order, ['slow', 'quick']);
    await other.end();
    await leave();
  });

  test('is cancelled where its statement runs', async () => {
    await join();
    const { processID, secretKey } = joined as unknown as { processID: number; secretKey: number };
    const sleeping = assert.rejects(joined.query('select pg_sleep(30)'), { code: '57014' });
    await sleep(100);
    const request = Buffer.alloc(16);
    for (const [index, value] of [16, 80_877_102, processID, secretKey].entries()) request.writeInt32BE(value, index * 4);
    connect(Number(new URL(relay).port), '127.0.0.1').end(request);
    await sleeping;
    await leave();
  });

  test('reads by cursors, and sends and gets long values', async () => {
    await join();
    const sql = postgres(relay, { max: 1, onnotice: () => {} });
    await sql`select facetdb.join_transaction(${opened.token})`;
    const batches: number[] = [];
    await sql`select generate_series(1, 5)`.cursor(2, (rows) => void batches.push(rows.length));
    assert.deepEqual(batches, [2, 2, 1]);
    const text = 'x'.repeat(300_000);
    assert.equal((await sql`select ${text}::text as text`)[0]!['text'], text);
    assert.equal((await joined.query('select $1::text as text', [text])).rows[0].text, text);
    await sql.end();
    await leave();
  });

  test('may hang up: the others go on', async () => {
    await join();
    await joined.query(insert, [1, 'kept']);
    await joined.end();
    assert.equal((await post('/sql', opened.token, { statement: `select name from ${schema}.things` }))['code'], undefined);
    await opened.rollback();
    await opened.close();
  });
});

test('a wrong token, another role’s, one’s own, and the plain port are refused', async () => {
  const client = await connectClient(relay);
  const refused = { code: '25000', message: /no open transaction of this role/u };
  await assert.rejects(client.query('select facetdb.join_transaction($1)', ['x.1.y']), refused);
  await assert.rejects(client.query("select facetdb.join_transaction('x.1.y')"), refused);
  await client.query('begin');
  const { rows } = await client.query<{ token: string }>('select facetdb.share_transaction() as token');
  await assert.rejects(client.query('select facetdb.join_transaction($1)', [rows[0]!.token]), refused);
  await client.query('rollback');

  const role = `joiner_${process.pid}`;
  const password = randomUUID();
  await outsider.query(`create role ${role} login password '${password}'`);
  const url = new URL(relay);
  url.username = role;
  url.password = password;
  const other = await connectClient(url.href);
  const opened = await openers['sql']!();
  await assert.rejects(other.query('select facetdb.join_transaction($1)', [opened.token]), refused);
  await other.end();
  await outsider.query(`drop role ${role}`);
  await assert.rejects(client.query(`select facetdb.join_transaction('${opened.token}'), 1`), refused);
  await client.query(`select facetdb.join_transaction('${opened.token}')`);
  assert.equal((await client.query('select 1 as one')).rows[0].one, 1);
  await opened.rollback();
  await opened.close();
  await client.end();
  await assert.rejects(outsider.query("select facetdb.join_transaction('x')"), { code: '0A000', hint: /postgres-relay-port/u });
});
