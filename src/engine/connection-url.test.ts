import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConnectionUrl } from './connection-url.ts';

test('a plain URL, its defaults, and its password kept out of what is displayed', () => {
  const target = parseConnectionUrl('postgres://ada:p%40ss@db.example');
  assert.deepEqual(target.addresses, [{ host: 'db.example', port: 5432 }]);
  assert.equal(target.user, 'ada');
  assert.equal(target.password, 'p@ss');
  assert.equal(target.database, 'ada');
  assert.deepEqual(target.tls, { mode: 'prefer' });
  assert.equal(target.display, 'postgres://ada@db.example');
  assert.equal(parseConnectionUrl('postgresql://ada@h/d?password=secret&sslmode=disable').display, 'postgresql://ada@h/d?sslmode=disable');
});

test('several hosts, IPv6, unix sockets', () => {
  const target = parseConnectionUrl('postgres://a@h1:1,[::1]:2,h3/d?target_session_attrs=read-write&sslmode=disable&connect_timeout=3');
  assert.deepEqual(target.addresses, [{ host: 'h1', port: 1 }, { host: '::1', port: 2 }, { host: 'h3', port: 5432 }]);
  assert.equal(target.targetSessionAttributes, 'read-write');
  assert.equal(target.connectTimeoutMs, 3000);
  assert.equal(target.tls, undefined);
  assert.deepEqual(parseConnectionUrl('postgres:///d?user=a&host=/run/pg&port=5433').addresses, [{ socketPath: '/run/pg/.s.PGSQL.5433' }]);
  assert.deepEqual(parseConnectionUrl('postgres://a@%2Frun%2Fpg/d').addresses, [{ socketPath: '/run/pg/.s.PGSQL.5432' }]);
});

test('what is wrong is named, and the password never', () => {
  const wrong: readonly [string, RegExp][] = [
    ['mysql://a@h/d', /form postgres:/],
    ['postgres://h/d', /names no user/],
    ['postgres://a:secret@h/d?gssencmode=disable', /parameter gssencmode/],
    ['postgres://a:secret@h:99999/d', /99999 is not a port/],
    ['postgres://a:secret@h/d?sslmode=allow', /sslmode=allow/],
    ['postgres://a:secret@h/d?target_session_attrs=leader', /target_session_attrs=leader/],
    ['postgres://a:se%cret@h/d', /percent sign/],
    ['postgres://a:secret@h/d?connect_timeout=soon', /connect_timeout=soon/],
    ['postgres://a:secret@h/d?sslrootcert=/nowhere/ca.pem', /\/nowhere\/ca.pem cannot be read/],
  ];
  for (const [url, pattern] of wrong) {
    assert.throws(() => parseConnectionUrl(url), (error: Error & { code: string }) => {
      assert.equal(error.code, 'configuration_invalid', url);
      assert.match(error.message, pattern);
      assert.doesNotMatch(error.message, /secret|se%cret/);
      return true;
    });
  }
});
