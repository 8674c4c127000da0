// /keys: whole values by kind, and changes of parts of them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HttpClient } from '../support/http-client.ts';

const key = `keys${process.pid}`;
const path = `/keys/0/${key}`;
let http: HttpClient;
before(async () => (http = await HttpClient.open()));
after(() => http.ask('POST', '/commands/keys/0', ['DEL', key, `${key}:bytes`]));
const ask: HttpClient['ask'] = (...request) => http.ask(...request);

test('every kind is put and given back whole', async () => {
  const expiresAt = '2099-01-01T00:00:00.000Z';
  for (const body of [
    { type: 'string', value: 'hello', expiresAt }, { type: 'hash', value: { name: 'Ann', age: '41' }, expiresAt: null }, { type: 'list', value: ['a', 'b', 'a'], expiresAt },
    { type: 'set', value: ['one'], expiresAt: null }, { type: 'zset', value: [{ member: 'b', score: 1.5 }, { member: 'a', score: 2 }], expiresAt: null }, { type: 'string', value: { base64: '/w==' }, expiresAt: null },
  ]) {
    assert.equal((await ask('PUT', path, body)).status, 204);
    assert.deepEqual((await ask('GET', path)).json(), body);
  }
  assert.deepEqual([(await ask('DELETE', path)).status, (await ask('GET', path)).status, (await ask('DELETE', path)).status], [204, 404, 404]);
});

test('a string goes as it is, with an expiry, and only where there is none if so asked', async () => {
  const raw = { 'content-type': 'application/octet-stream' };
  assert.equal((await ask('PUT', `${path}%3Abytes?expiresInSeconds=60`, 'plain bytes', raw)).status, 204);
  const read = await ask('GET', `${path}%3Abytes`, undefined, { accept: 'application/octet-stream' });
  assert.deepEqual([read.type, read.text], ['application/octet-stream', 'plain bytes']);
  const { expiresAt } = (await ask('GET', `${path}%3Abytes`)).json<{ expiresAt: string }>();
  assert.ok(Date.parse(expiresAt) > Date.now() + 50_000);
  assert.equal((await ask('PUT', `${path}%3Abytes`, 'x', { ...raw, 'if-none-match': '*' })).status, 412);
});

test('parts are changed together, or not at all', async () => {
  await ask('PUT', path, { type: 'hash', value: { a: '1', b: '2' } });
  assert.equal((await ask('PATCH', path, { set: { a: null, c: '3' }, expiresAt: '2099-01-01T00:00:00Z' })).status, 204);
  assert.deepEqual((await ask('GET', path)).json(), { type: 'hash', value: { b: '2', c: '3' }, expiresAt: '2099-01-01T00:00:00.000Z' });
  assert.equal((await ask('PATCH', path, { set: { d: '4' }, append: ['x'] })).status, 409);
  assert.deepEqual((await ask('GET', path)).json()['value'], { b: '2', c: '3' });
  await ask('PUT', path, { type: 'list', value: ['m'] });
  await ask('PATCH', path, { append: ['y', 'z'], prepend: ['a', 'b'] });
  assert.deepEqual((await ask('GET', path)).json()['value'], ['a', 'b', 'm', 'y', 'z']);
  await ask('PUT', path, { type: 'zset', value: [{ member: 'm', score: 1 }] });
  await ask('PATCH', path, { add: [{ member: 'n', score: 2 }], remove: ['m'] });
  assert.deepEqual((await ask('GET', path)).json()['value'], [{ member: 'n', score: 2 }]);
});

test('what is wrong is told by its field', async () => {
  for (const [body, field] of [[{ type: 'list', value: [] }, 'value'], [{ type: 'list', value: ['x'], ttl: 1 }, 'ttl'], [{ type: 'tree', value: 1 }, 'type'], [{ type: 'hash', value: {} }, 'value']] as const) {
    const { status, json } = await ask('PUT', path, body);
    assert.deepEqual([status, json()['field']], [400, field]);
  }
  assert.equal((await ask('PUT', '/keys/99/x', { type: 'string', value: 'x' })).status, 400);
  assert.equal((await ask('PATCH', path, {})).status, 400);
});
