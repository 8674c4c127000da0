// SQL, commands, transactions and tokens over HTTP, as a client with nothing but fetch uses them.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { sharedServer } from '../support/shared-server.ts';

let http = '';
let basic = '';
before(async () => {
  const urls = await sharedServer();
  http = urls.http;
  const { username, password } = new URL(urls.postgres);
  basic = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
});

type Answer = { readonly status: number; readonly type: string | null; readonly text: string; readonly json: <T = Record<string, unknown>>() => T };

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(http + path, {
    method,
    headers: { authorization: basic, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, type: response.headers.get('content-type'), text, json: <T>() => JSON.parse(text) as T };
}

const post = (path: string, body: unknown, headers?: Record<string, string>): Promise<Answer> => ask('POST', path, body, headers);
const unique = `http${process.pid}`;

test('a statement answers as JSON, as lines, and as CSV', async () => {
  const json = await post('/sql', { statement: 'select $1::int as i, 9007199254740993::int8 as big, $2::bytea as b, null as nothing', parameters: [7, '\\x00ff'] });
  assert.deepEqual([json.status, json.json()], [200, { rows: [{ i: 7, big: '9007199254740993', b: '\\x00ff', nothing: null }], rowCount: 1, command: 'SELECT 1' }]);
  const lines = await post('/sql', { statement: 'select n from generate_series(1, 3) as n' }, { accept: 'application/x-ndjson' });
  assert.deepEqual([lines.type, lines.text], ['application/x-ndjson', '{"n":1}\n{"n":2}\n{"n":3}\n']);
  const csv = await post('/sql', { statement: `select 1 as a, null as b, 'x,"y' as c, '' as d` }, { accept: 'text/csv' });
  assert.equal(csv.text, 'a,b,c,d\r\n1,,"x,""y",""\r\n');
});

test('what is wrong is a problem that names the field', async () => {
  const problem = async (body: unknown): Promise<unknown> => {
    const { status, type, json } = await post('/sql', body);
    assert.match(type ?? '', /^application\/problem\+json/);
    const { code, field } = json();
    return [status, code, field];
  };
  assert.deepEqual(await problem({ statement: 'select 1', paramters: [] }), [400, 'data_invalid', 'paramters']);
  assert.deepEqual(await problem({}), [400, 'data_invalid', 'statement']);
  assert.deepEqual(await problem({ statement: 'selec 1' }), [400, 'syntax_invalid', undefined]);
  assert.deepEqual(await problem({ statement: 'select * from nowhere' }), [404, 'object_unknown', undefined]);
  assert.deepEqual(await problem({ statement: 'commit' }), [409, 'transaction_state', undefined]);
  assert.equal((await post('/sql', { statement: 'select 1' }, { authorization: 'Basic bm86bm8=' })).status, 401);
  assert.equal((await post('/sql', { statement: 'select 1' }, { authorization: 'Digest x' })).status, 400);
});

test('operations over all models are one commit, or nothing', async () => {
  const done = await post('/transaction', {
    operations: [
      { sql: 'select $1::text as who', parameters: ['ann'] },
      { documents: { insert: 'orders', documents: [{ _id: 1, at: { $date: '2024-01-01T00:00:00Z' } }] }, database: unique },
      { keys: ['HSET', unique, 'orders', 1] },
      { keys: ['HGETALL', unique] },
    ],
  });
  assert.deepEqual(done.json(), { results: [{ rows: [{ who: 'ann' }], rowCount: 1, command: 'SELECT 1' }, { n: 1, ok: 1 }, 1, { map: [['orders', '1']] }] });
  const failed = await post('/transaction', { operations: [{ keys: ['DEL', unique] }, { documents: { insert: 'orders', documents: [{ _id: 1 }] }, database: unique }] });
  assert.deepEqual([failed.status, failed.json()['documentError']], [400, { code: 11_000, codeName: 'DuplicateKey' }]);
  assert.deepEqual((await post('/commands/keys/0', ['HGET', unique, 'orders'])).json(), { reply: '1' });
  const wrong = await post('/transaction', { operations: [{ sql: 'select 1' }, { keys: [] }] });
  assert.deepEqual([wrong.status, String(wrong.json()['field']).startsWith('operations[1]')], [400, true]);
  await post(`/commands/documents/${unique}`, { dropDatabase: 1 });
  await post('/commands/keys/0', ['DEL', unique]);
});

test('a transaction stays open over several requests until it is ended', async () => {
  const { token } = (await post('/transactions', {})).json<{ token: string }>();
  const key = `${unique}:open`;
  assert.deepEqual((await post('/commands/keys/0', ['SET', key, 'x'], { 'facetdb-transaction': token })).json(), { reply: 'OK' });
  assert.deepEqual((await post('/commands/keys/0', ['GET', key])).json(), { reply: null });
  assert.equal((await post(`/transactions/${token}/rollback`, {})).status, 204);
  assert.deepEqual((await post('/commands/keys/0', ['GET', key])).json(), { reply: null });
  assert.equal((await post('/commands/keys/0', ['GET', key], { 'facetdb-transaction': token })).status, 409);
});

test('bearer tokens act for a role until they are revoked', async () => {
  const role = `${unique}_reader`;
  await post('/sql', { statement: `create role ${role} login` });
  const issued = await post('/tokens', { role, expiresInSeconds: 60, description: 'a test' });
  assert.equal(issued.status, 201);
  const { token, id } = issued.json<{ token: string; id: string }>();
  const bearer = { authorization: `Bearer ${token}` };
  assert.deepEqual((await post('/sql', { statement: 'select current_user as me' }, bearer)).json()['rows'], [{ me: role }]);
  assert.equal((await post('/sql', { statement: 'create table refused (id int)' }, bearer)).status, 403);
  assert.equal((await post('/tokens', { role: 'facet' }, bearer)).status, 403);
  assert.deepEqual((await ask('GET', '/tokens', undefined, bearer)).json<{ tokens: { id: string }[] }>().tokens.map((known) => known.id), [id]);
  assert.equal((await ask('DELETE', `/tokens/${id}`)).status, 204);
  assert.equal((await post('/sql', { statement: 'select 1' }, bearer)).status, 401);
  assert.equal((await ask('DELETE', `/tokens/${id}`)).status, 404);
  await post('/sql', { statement: `drop role ${role}` });
});
