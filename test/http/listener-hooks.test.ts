// What holds for every route: compression, CORS, methods.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { silentLog } from '../../src/kernel/log.ts';
import { HttpProtocol } from '../../src/protocols/http/http-protocol.ts';
import { HttpClient } from '../support/http-client.ts';

test('only the origins that are named are let in', async () => {
  const http = await HttpProtocol.start({
    host: '127.0.0.1', port: 0, option: '--http-port', tls: undefined, log: silentLog, corsOrigins: ['https://app.example'],
    observer: { connectionOpened() {}, connectionClosed() {}, requestDone() {} },
    health: () => Promise.resolve({ ready: true, checks: {} }), metrics: () => Promise.resolve({ contentType: 'text/plain', body: '' }),
  });
  after(() => http.close());
  const allowed = async (origin: string, init: RequestInit = {}): Promise<unknown> => {
    const response = await fetch(`${http.url}/health`, { ...init, headers: { origin, ...(init.headers as Record<string, string> | undefined) } });
    return [response.status, response.headers.get('access-control-allow-origin'), response.headers.get('vary')];
  };
  assert.deepEqual(await allowed('https://app.example'), [200, 'https://app.example', 'origin']);
  assert.deepEqual(await allowed('https://evil.example'), [200, null, 'origin']);
  const preflight = { method: 'OPTIONS', headers: { 'access-control-request-method': 'PUT' } };
  assert.deepEqual(await allowed('https://app.example', preflight), [204, 'https://app.example', 'origin']);
  assert.deepEqual(await allowed('https://evil.example', preflight), [405, null, 'origin']);
});

test('replies are compressed where the client can read that, methods and types are told', async () => {
  const http = await HttpClient.open();
  assert.equal((await fetch(`${http.url}/health`, { headers: { origin: 'https://app.example' } })).headers.get('access-control-allow-origin'), null);
  const rows = { statement: 'select n, repeat(\'x\', 50) as text from generate_series(1, 500) as n' };
  for (const accept of ['application/json', 'application/x-ndjson', 'text/csv']) {
    const zipped = await http.ask('POST', '/sql', rows, { accept, 'accept-encoding': 'gzip' });
    const plain = await http.ask('POST', '/sql', rows, { accept, 'accept-encoding': 'gzip;q=0' });
    assert.deepEqual([zipped.headers.get('content-encoding'), plain.headers.get('content-encoding')], ['gzip', null], accept);
    assert.equal(zipped.text, plain.text);
  }
  const refused = await http.ask('PATCH', '/sql');
  assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'POST']);
  assert.equal((await http.ask('POST', '/data/x/y/z', {})).headers.get('allow'), 'DELETE, GET, HEAD, PATCH, PUT');
  assert.equal((await http.ask('POST', '/sql', { statement: 'select 1' }, { accept: 'image/png' })).status, 406);
  assert.equal((await http.ask('POST', '/sql', 'select 1', { 'content-type': 'application/sql' })).status, 415);
  const head = await http.ask('HEAD', '/data/pg_catalog/pg_class?limit=1&fields=relname');
  assert.deepEqual([head.status, head.text], [200, '']);
});
