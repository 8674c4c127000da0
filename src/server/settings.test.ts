import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { FacetError } from '../kernel/errors.ts';
import { closestName } from './closest-name.ts';
import { isLoopback } from './loopback.ts';
import { type OptionName, flagOf, portOptionNames, variableOf } from './options.ts';
import { embeddingSettings, readSettings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'facetdb-settings-'));
after(() => rmSync(folder, { recursive: true }));

type Given = { flags?: Partial<Record<OptionName, unknown>>; environment?: Record<string, string>; file?: unknown };

/** Reads the settings in a new folder with this configuration file. */
function read({ flags = {}, environment = {}, file }: Given) {
  const current = mkdtempSync(join(folder, 'case-'));
  if (file !== undefined) writeFileSync(join(current, 'facetdb.config.json'), typeof file === 'string' ? file : JSON.stringify(file));
  return { settings: readSettings({ flags, environment, folder: current }), current };
}

/** The details of the error that these options give. */
function refused(given: Given, code = 'configuration_invalid'): string {
  let details = '';
  assert.throws(() => read(given), (error: FacetError) => {
    details = error.details;
    return error.code === code;
  });
  return details;
}

test('names', () => {
  assert.equal(flagOf('httpPort'), '--http-port');
  assert.equal(variableOf('httpPort'), 'FACETDB_HTTP_PORT');
  assert.equal(flagOf('noAuth'), '--no-auth');
  assert.equal(variableOf('data'), 'FACETDB_DATA');
});

test('without anything given, the defaults hold', () => {
  const { settings } = read({});
  assert.equal(settings.host, '127.0.0.1');
  assert.equal(settings.postgresPort, 5432);
  assert.equal(settings.httpPort, 8080);
  assert.equal(settings.data, undefined);
  assert.equal(settings.logLevel, 'info');
});

test('flags win over variables, variables over the file', () => {
  const { settings } = read({
    flags: { postgresPort: '1' },
    environment: { FACETDB_POSTGRES_PORT: '2', FACETDB_HTTP_PORT: '2' },
    file: { postgresPort: 3, httpPort: 3, host: '::1' },
  });
  assert.deepEqual([settings.postgresPort, settings.httpPort, settings.host], [1, 2, '::1']);
});

test('each source has its own way to write a value', () => {
  assert.equal(read({ flags: { httpPort: 'off' } }).settings.httpPort, 'off');
  assert.equal(read({ file: { httpPort: 'off' } }).settings.httpPort, 'off');
  assert.equal(read({ environment: { FACETDB_HTTP_PORT: '0' } }).settings.httpPort, 0);
  assert.equal(read({ flags: { json: true } }).settings.json, true);
  assert.equal(read({ environment: { FACETDB_JSON: '1' } }).settings.json, true);
  assert.equal(read({ environment: { FACETDB_JSON: 'false' } }).settings.json, false);
  assert.equal(read({ file: { noAuth: true } }).settings.noAuth, true);
});

test('paths start from the current folder, or from the file that holds them', () => {
  const fromFlag = read({ flags: { data: 'here' } });
  assert.equal(fromFlag.settings.data, join(fromFlag.current, 'here'));

  const elsewhere = mkdtempSync(join(folder, 'elsewhere-'));
  writeFileSync(join(elsewhere, 'other.json'), JSON.stringify({ data: 'there', httpPort: 1 }));
  const { settings } = read({ flags: { config: join(elsewhere, 'other.json') }, file: { httpPort: 2 } });
  assert.equal(settings.data, join(elsewhere, 'there'));
  assert.equal(settings.httpPort, 1, 'the default file is not read beside another');
  assert.equal(read({ environment: { FACETDB_CONFIG: join(elsewhere, 'other.json') } }).settings.httpPort, 1);
});

test('a malformed value is an error that names where it was given', () => {
  assert.equal(refused({ flags: { httpPort: '65536' } }), '--http-port: expected a port from 0 to 65535, or "off", not "65536"');
  assert.equal(refused({ environment: { FACETDB_HTTP_PORT: '80x' } }), 'FACETDB_HTTP_PORT: expected a port from 0 to 65535, or "off", not "80x"');
  assert.match(refused({ file: { httpPort: -1 } }), /^"httpPort" in facetdb\.config\.json: expected a port/);
  assert.match(refused({ file: { httpPort: 80.5 } }), /80\.5/);
  assert.match(refused({ file: { noAuth: 'maybe' } }), /true or false/);
  assert.match(refused({ environment: { FACETDB_HOST: '' } }), /^FACETDB_HOST: expected an IP address/);
  assert.match(refused({ flags: { logLevel: 'loud' } }), /one of trace, debug/);
  assert.match(refused({ flags: { poolSize: '0' } }), /from 1 to/);
});

test('an unknown variable or key is an error that names it', () => {
  assert.equal(refused({ environment: { FACETDB_HTTPPORT: '1' } }), 'unknown variable FACETDB_HTTPPORT (did you mean FACETDB_HTTP_PORT?)');
  assert.equal(refused({ file: { htpPort: 1 } }), 'unknown option "htpPort" in facetdb.config.json (did you mean httpPort?)');
  assert.equal(refused({ file: { config: 'x' } }).split(' (')[0], 'unknown option "config" in facetdb.config.json');
  assert.match(refused({ file: { constructor: 1 } }), /unknown option "constructor"/);
});

test('variables of tests and of Kubernetes are left alone', () => {
  const names = ['FACETDB_TEST_X', 'FACETDB_SERVICE_HOST', 'FACETDB_SERVICE_PORT_HTTP', 'FACETDB_PORT', 'FACETDB_PORT_5432_TCP_ADDR', 'OTHER'];
  read({ environment: Object.fromEntries(names.map((name) => [name, 'tcp://10.0.0.1'])) });
});

test('all mistakes are reported at once', () => {
  const details = refused({ flags: { httpPort: 'x' }, environment: { FACETDB_X: '' }, file: { y: 1 } });
  assert.equal(details.split('\n').length, 3, details);
});

test('a file that is not there, not JSON, or not an object', () => {
  assert.match(refused({ flags: { config: 'missing.json' } }), /missing\.json cannot be read: ENOENT/);
  assert.match(refused({ file: '{"engine": "postgres://u:secret@h/d"' }), /facetdb\.config\.json is not valid JSON$/);
  assert.match(refused({ file: [] }), /must hold one JSON object/);
  assert.match(refused({ file: ' '.repeat(1024 * 1024 + 1) }), /larger than/);
  const current = mkdtempSync(join(folder, 'case-'));
  mkdirSync(join(current, 'facetdb.config.json'));
  assert.throws(() => readSettings({ flags: {}, environment: {}, folder: current }), { code: 'configuration_invalid' });
});

test('a password in a malformed value is not shown', () => {
  assert.doesNotMatch(refused({ flags: { engine: 'mysql://root:secret@host/db' } }), /secret/);
});

test('what an external PostgreSQL excludes', () => {
  const engine = 'postgres://user:secret@db.example.com/app';
  assert.equal(read({ flags: { engine } }).settings.engine, engine);
  assert.match(refused({ flags: { engine }, file: { data: 'x' } }), /^"data" in facetdb\.config\.json and --engine exclude each other/);
  assert.match(refused({ flags: { engine, postgresPort: '5432' } }), /^--postgres-port and --engine/);
  assert.match(refused({ environment: { FACETDB_ENGINE: engine, FACETDB_NO_AUTH: '1' } }), /^FACETDB_NO_AUTH and FACETDB_ENGINE/);
  assert.equal(read({ flags: { engine, postgresPort: 'off' } }).settings.postgresPort, 'off');
});

test('TLS needs both files', () => {
  assert.match(refused({ flags: { tlsCert: 'a' } }), /^--tls-cert needs --tls-key/);
  assert.match(refused({ file: { tlsKey: 'a' } }), /^"tlsKey" in facetdb\.config\.json needs --tls-cert/);
});

test('listening beyond loopback needs TLS and authentication, or --insecure', () => {
  const tls = { tlsCert: 'a', tlsKey: 'b' };
  assert.match(refused({ flags: { host: '0.0.0.0' } }, 'listen_refused'), /--tls-cert and --tls-key, or add --insecure/);
  assert.match(refused({ flags: { host: '::', ...tls, noAuth: true } }, 'listen_refused'), /leave --no-auth out/);
  for (const flags of [
    { host: '0.0.0.0', ...tls },
    { host: '0.0.0.0', insecure: true },
    { host: '0.0.0.0', insecure: true, noAuth: true },
    { host: '0.0.0.0', ...Object.fromEntries(portOptionNames.map((name) => [name, 'off'])) },
    { noAuth: true },
  ]) {
    read({ flags });
  }
});

test('loopback addresses', () => {
  for (const host of ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', 'localhost', 'LOCALHOST']) assert.ok(isLoopback(host), host);
  for (const host of ['0.0.0.0', '::', '128.0.0.1', '192.168.0.1', '::ffff:10.0.0.1', 'example.com', 'localhost.example.com', '127.1']) assert.ok(!isLoopback(host), host);
});

test('an embedding program gives options by name, and only those that mean something to it', () => {
  assert.equal(embeddingSettings({ httpPort: 0, data: undefined }).httpPort, 0);
  assert.throws(() => embeddingSettings({ httpPort: 'x' } as never), { code: 'configuration_invalid', details: /^the option "httpPort": expected/ });
  for (const given of [{ json: true }, { htpPort: 1 }, { __proto__: null, constructor: 1 }]) {
    assert.throws(() => embeddingSettings(given as never), { code: 'configuration_invalid' });
  }
});

test('the closest name', () => {
  const known = ['--http-port', '--host', '--postgres-port'];
  assert.equal(closestName('--htp-port', known), '--http-port');
  assert.equal(closestName('--HOST', known), '--host');
  assert.equal(closestName('--colour', known), undefined);
});
