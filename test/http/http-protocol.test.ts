import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { get as getOverTls } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { silentLog } from '../../src/kernel/log.ts';
import { type HttpOptions, HttpProtocol } from '../../src/protocols/http/http-protocol.ts';
import type { Health } from '../../src/protocols/http/health-routes.ts';
import { readTlsMaterial } from '../../src/protocols/net/tls-material.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Seen = { opened: number; closed: number; requests: string[] };

async function start(options: Partial<HttpOptions> = {}): Promise<{ http: HttpProtocol; seen: Seen }> {
  const seen: Seen = { opened: 0, closed: 0, requests: [] };
  const http = await HttpProtocol.start({
    host: '127.0.0.1',
    port: 0,
    option: '--http-port',
    tls: undefined,
    log: silentLog,
    observer: {
      connectionOpened: () => (seen.opened += 1),
      connectionClosed: () => (seen.closed += 1),
      requestDone: (protocol, { operation, outcome }) => seen.requests.push(`${protocol} ${operation} ${outcome}`),
    },
    health: () => Promise.resolve({ ready: true, checks: { engine: 'up' } }),
    metrics: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' }),
    ...options,
  });
  after(() => http.close());
  return { http, seen };
}

test('health, live and ready', async () => {
  let health: Health = { ready: true, checks: { engine: 'up' } };
  const { http } = await start({ health: () => Promise.resolve(health) });
  const ask = async (path: string) => {
    const response = await fetch(http.url + path);
    return [response.status, await response.json()];
  };
  assert.deepEqual(await ask('/health'), [200, { live: true, ready: true, checks: { engine: 'up' } }]);
  assert.deepEqual(await ask('/health/ready'), [200, { live: true, ready: true, checks: { engine: 'up' } }]);
  health = { ready: false, checks: { engine: 'down' } };
  assert.deepEqual(await ask('/health'), [503, { live: true, ready: false, checks: { engine: 'down' } }]);
  assert.deepEqual(await ask('/health/live'), [200, { live: true }]);
});

test('metrics, and what is observed of requests and connections', async () => {
  const { http, seen } = await start();
  const response = await fetch(`${http.url}/metrics`);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4');
  assert.equal(await response.text(), 'up 1\n');
  await (await fetch(`${http.url}/some/thing?x=1`)).text();
  await http.close();
  assert.deepEqual(seen.requests, ['http /metrics ok', 'http unknown error']);
  assert.ok(seen.opened > 0);
  assert.equal(seen.closed, seen.opened);
});

test('errors are problem documents', async () => {
  const { http } = await start({ metrics: () => Promise.reject(new Error('inside')) });
  const cases: [string, RequestInit, number][] = [
    ['/nothing', {}, 404],
    ['/health', { method: 'POST', body: '{}' }, 405],
    ['/metrics', {}, 500],
    ['/%zz', {}, 400],
  ];
  for (const [path, init, status] of cases) {
    const response = await fetch(http.url + path, init);
    const problem = (await response.json()) as { status: number; title: string };
    assert.equal(response.status, status, path);
    assert.equal(problem.status, status);
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
    assert.doesNotMatch(JSON.stringify(problem), /inside/);
  }
  assert.equal((await fetch(`${http.url}/health`, { method: 'PUT' })).headers.get('allow'), 'GET, HEAD');
});

test('what is not HTTP, or too much of it, is answered and cut', async () => {
  const { http } = await start();
  for (const [request, status] of [['\u0016\u0003\u0001 hello\r\n\r\n', 400], [`GET / HTTP/1.1\r\nhost: x\r\na: ${'x'.repeat(20_000)}\r\n\r\n`, 431]] as const) {
    const socket = connect(http.port, '127.0.0.1');
    socket.write(request);
    const answer = await text(socket);
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(answer, /application\/problem\+json/);
  }
});

test('a taken port is named, with the option that sets it', async () => {
  const { http } = await start();
  await assert.rejects(start({ port: http.port }), { code: 'port_taken', details: new RegExp(`port ${http.port} of 127\\.0\\.0\\.1; .*--http-port`) });
});

test('an address that is not of this machine is named', async () => {
  await assert.rejects(start({ host: '192.0.2.1' }), { code: 'configuration_invalid', details: /^192\.0\.2\.1 is not an address of this machine/ });
});

test('closing lets the answer under way finish, and ends idle connections', async () => {
  let answer: (health: Health) => void = () => {};
  let markAsked: () => void = () => {};
  const asked = new Promise<void>((resolve) => (markAsked = resolve));
  const { http } = await start({
    health: () => {
      markAsked();
      return new Promise((resolve) => (answer = resolve));
    },
  });
  const agent = new Agent({ keepAlive: true });
  const [idle] = await once(get(`${http.url}/health/live`, { agent }), 'response');
  await text(idle);
  const response = fetch(`${http.url}/health`);
  await asked;
  const closed = http.close();
  answer({ ready: true, checks: {} });
  assert.equal((await response).status, 200);
  assert.equal((await response).headers.get('connection'), 'close');
  const startedAt = performance.now();
  await closed;
  assert.ok(performance.now() - startedAt < 1_000, 'did not wait for the idle connection');
  await assert.rejects(fetch(`${http.url}/health/live`));
  agent.destroy();
});

test('TLS', async () => {
  const folder = temporaryFolder();
  const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=localhost', '-keyout', files.keyFile, '-out', files.certFile], { stdio: 'ignore' });
  const tls = readTlsMaterial(files);
  const { http } = await start({ tls });
  assert.match(http.url, /^https:/);
  const [response] = await once(getOverTls(`${http.url}/health/live`, { ca: tls.cert, servername: 'localhost', agent: false }), 'response');
  assert.deepEqual(JSON.parse(await text(response)), { live: true });

  const other = join(folder, 'other.pem');
  execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', other]);
  writeFileSync(join(folder, 'broken.pem'), 'not PEM');
  const cases = [
    [{ ...files, certFile: join(folder, 'missing.pem') }, /--tls-cert .*missing\.pem: ENOENT/],
    [{ ...files, keyFile: join(folder, 'missing.pem') }, /--tls-key .*missing\.pem: ENOENT/],
    [{ ...files, certFile: join(folder, 'broken.pem') }, /--tls-cert .*broken\.pem holds no certificate/],
    [{ ...files, keyFile: join(folder, 'broken.pem') }, /the key in .*broken\.pem \(--tls-key\) cannot be used/],
    [{ ...files, keyFile: other }, /the key in .*other\.pem \(--tls-key\) cannot be used/],
  ] as const;
  for (const [given, details] of cases) assert.throws(() => readTlsMaterial(given), { code: 'tls_invalid', details });
});
