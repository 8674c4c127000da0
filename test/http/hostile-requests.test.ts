// Requests that mean harm, or nothing: each gets a clear problem that names what is wrong, and the server goes on.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type pg from 'pg';
import { sharedServer } from '../support/shared-server.ts';
import { connectClient } from '../support/with-client.ts';

const schema = `hostile_${process.pid}`;
const table = `/data/${schema}/things`;
let sql: pg.Client;
let base = '';
let authorization = '';

before(async () => {
  const urls = await sharedServer();
  base = urls.http;
  const { username, password } = new URL(urls.postgres);
  authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
  sql = await connectClient(urls.postgres);
  await sql.query(`create schema ${schema}; create table ${schema}.things (id int primary key, b bool, i2 smallint, i8 bigint check (i8 > -5), n numeric(10,2), f float8, t varchar(5) not null default '', j jsonb, d date, u uuid, a int[])`);
});

after(async () => {
  await sql.query(`drop schema ${schema} cascade`);
  await sql.end();
});

type Answer = { readonly status: number; readonly field?: string | undefined; readonly code?: string | undefined };

async function ask(method: string, path: string, body?: string | Buffer<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Answer> {
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(`${base}${path}`, { method, headers: { authorization, ...type, ...headers }, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  if (response.status < 400) return { status: response.status };
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/u, `${method} ${path}: ${text}`);
  const { field, code } = JSON.parse(text) as { field?: string; code?: string };
  return { status: response.status, field, code };
}

test('a value that is not valid for its column is refused by the column’s name', async () => {
  const wrong: Record<string, string> = { b: '"maybe"', i2: '70000', i8: '9223372036854775808', n: '1e400', f: '1e999', t: '"too long"', d: '"2024-02-31"', u: '"x"', a: '"{1"', nope: '1', constructor: '1' };
  for (const [column, value] of Object.entries(wrong)) {
    const expected = { status: 400, code: 'data_invalid', field: column };
    assert.deepEqual(await ask('POST', table, `{"id":1,"j":"x","${column}":${value}}`), expected, column);
    assert.deepEqual(await ask('PUT', `${table}/1`, `{"${column}":${value}}`), expected, column);
  }
  assert.deepEqual(await ask('POST', table, '{"id":1,"t":null}'), { status: 422, code: 'not_null_violation', field: 't' });
  assert.equal((await ask('POST', table, '{"id":1,"i8":-9}')).status, 422);
  assert.deepEqual(await ask('POST', table, '{"id":1,"a":[1,2],"n":12345678.90,"i8":9223372036854775807}'), { status: 201 });
  assert.deepEqual(await ask('PATCH', `${table}/1`, '{"u":"x"}'), { status: 400, code: 'data_invalid', field: 'u' });
});

test('what is no JSON, no object, too deep or too large is refused', async () => {
  for (const body of ['{', 'null', '1', '"x"', '[1]', '{"id":1}{"id":2}', '{"__proto__":1}', '\u0000', '{"id":3,"t":"\\u0000"}', '{"id":4,"t":"\\ud800"}', '['.repeat(100_000), '']) assert.equal((await ask('POST', table, body)).status, 400, body.slice(0, 30));
  assert.ok([400, 429].includes((await ask('POST', table, `{"id":5,"j":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)).status));
  assert.equal((await ask('POST', table, `{"id":5,"t":"${'x'.repeat(2_000_000)}"}`)).status, 413);
  assert.equal((await ask('POST', table, gzipSync(Buffer.alloc(50_000_000, 32)), { 'content-encoding': 'gzip' })).status, 415);
  assert.equal((await ask('POST', table, 'x'.repeat(17_000_000), { 'content-type': 'application/x-ndjson' })).status, 429);
  // The connection was not left in the middle of that.
  assert.equal((await ask('POST', table, 'id,id\n1,2\n', { 'content-type': 'text/csv' })).status, 400);
});

test('names, filters and keys reach PostgreSQL as values only', async () => {
  const refused: Record<string, string> = {
    '?filter={"id":{"$gt":"1; drop table things"}}': '', '?filter={"id) or (1=1":1}': 'filter.id) or (1=1', '?filter={"$where":"1"}': 'filter.$where', '?sort=id;drop': 'sort', '?fields=id" from pg_authid --': 'fields',
    '?limit=1e9': 'limit', '?limit=-1': 'limit', '?limit=0x10': 'limit', '?limit=1e1': 'limit', '?limit=%202': 'limit', '?limit=': 'limit', '?limit=1&limit=2': 'limit', '?after=AAAA': 'after', '?bogus=1': 'bogus', "/1' or 1=1": '', '/99999999999999999999': '', '/1,2': 'key',
    [`?after=${Buffer.from(JSON.stringify({ signature: '[["id",false]]', position: ['1); drop'] })).toString('base64url')}`]: '',
  };
  for (const [path, field] of Object.entries(refused)) {
    const answer = await ask('GET', `${table}${path}`);
    assert.equal(answer.status, 400, path);
    assert.equal(answer.field ?? '', field, path);
  }
  for (const path of ['/data/h%00/t', `/data/${schema}/..%2f..%2fetc%2fpasswd`, '/data/../../etc/passwd', '/docs/%2e%2e%2fpackage.json', `/data/${schema}%0d%0aX-Evil:1/things`]) assert.equal((await ask('GET', path)).status, 404, path);
  for (const path of [`${table}/%zz`, '/keys/99/x', '/keys/0x1/x', '/keys/0/%00%ff']) assert.equal((await ask('GET', path)).status, 400, path);
});

test('statements and commands are one, and where the path says', async () => {
  assert.deepEqual(await ask('POST', '/sql', '{"statement":"select 1\\u0000"}'), { status: 400, code: 'syntax_invalid', field: undefined });
  assert.equal((await ask('POST', '/sql', '{"statement":"select 1; select 2"}')).status, 400);
  assert.equal((await ask('POST', '/sql', JSON.stringify({ statement: 'select 1', parameters: Array.from({ length: 70_000 }, () => 1) }))).status, 400);
  assert.deepEqual(await ask('POST', `/commands/documents/${schema}`, '{"ping":1,"$db":"admin"}'), { status: 400, code: 'data_invalid', field: 'body.$db' });
  assert.deepEqual(await ask('GET', table, undefined, { authorization: `Basic ${Buffer.from('x\0y:z').toString('base64')}` }), { status: 401, code: 'authentication_failed', field: undefined });
});

async function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname, () => socket.write(text));
  let answer = '';
  for await (const piece of socket) answer += String(piece);
  return answer;
}

test('what could be read in two ways ends the connection', async () => {
  const head = `POST ${table} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\n`;
  for (const [request, status] of [
    [`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    [`${head}Content-Length: -1\r\n\r\n`, 400],
    [`${head}Content-Length: 99999999999\r\n\r\nx`, 413],
    [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
  ] as const) {
    assert.match(await raw(request), new RegExp(`^HTTP/1\\.1 ${status} [^]*connection: close`, 'iu'));
  }
});
