import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointUrl } from './endpoint-url.ts';

test('URLs that a client can use as they are', () => {
  assert.equal(endpointUrl({ scheme: 'http', host: '127.0.0.1', port: 8080 }), 'http://127.0.0.1:8080');
  assert.equal(endpointUrl({ scheme: 'http', host: '0.0.0.0', port: 8080 }), 'http://127.0.0.1:8080');
  assert.equal(endpointUrl({ scheme: 'https', host: '::', port: 1 }), 'https://[::1]:1');
  assert.equal(endpointUrl({ scheme: 'https', host: '2001:db8::1', port: 1 }), 'https://[2001:db8::1]:1');
  assert.equal(
    endpointUrl({ scheme: 'postgres', host: 'localhost', port: 5432, user: 'a@b', password: 'p:/?#', path: 'my db', parameters: { sslmode: 'require' } }),
    'postgres://a%40b:p%3A%2F%3F%23@localhost:5432/my%20db?sslmode=require',
  );
  assert.equal(endpointUrl({ scheme: 'postgres', host: 'localhost', port: 5432, user: 'facet', path: 'facet' }), 'postgres://facet@localhost:5432/facet');
});
