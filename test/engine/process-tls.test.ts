// TLS on the port for clients.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { isFacetError } from '../../src/kernel/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ask, askAs, freePort, startEmbedded } from './embedded.ts';

const parent = temporaryFolder();
const path = join(parent, 'data');

/** A certificate that signs itself, or `undefined`, and the test skipped, where there is no openssl. */
function makeCertificate(t: TestContext, name: string): { certFile: string; keyFile: string } | undefined {
  if (spawnSync('openssl', ['version']).status !== 0) {
    t.skip('openssl is not installed');
    return undefined;
  }
  const certFile = join(parent, `${name}.crt`);
  const keyFile = join(parent, `${name}.key`);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=localhost', '-out', certFile, '-keyout', keyFile], { stdio: 'ignore' });
  return { certFile, keyFile };
}

test('clients connect by TLS, with a key that only PostgreSQL’s user can read', async (t) => {
  const tls = makeCertificate(t, 'good');
  if (tls === undefined) return;
  const { folder, postgres, stop } = await startEmbedded(path, { listen: freePort, tls });
  try {
    await ask(postgres, `create role ann login password 'secret'`);
    await ask(postgres, 'grant pg_read_all_stats to ann');
    const ann = { host: '127.0.0.1', port: postgres.port, user: 'ann', password: 'secret', database: 'postgres' };
    const protocol = 'select version from pg_stat_ssl where pid = pg_backend_pid()';
    assert.match(String(await askAs({ ...ann, ssl: { rejectUnauthorized: false } }, protocol)), /^TLSv1\.[23]$/);
    assert.equal(await askAs(ann, protocol), null, 'on loopback, plain connections stay possible');
    const key = statSync(join(path, 'tls', 'key.pem'));
    assert.deepEqual([key.mode & 0o777, key.uid], [0o600, folder.postgresUser.uid]);
  } finally {
    await stop();
  }
  await (await startEmbedded(path)).stop();
  assert.equal(existsSync(join(path, 'tls')), false, 'a start without TLS leaves no copy of the key');
});

test('files that do not serve are refused by name and option', async (t) => {
  const [good, other] = [makeCertificate(t, 'one'), makeCertificate(t, 'other')];
  if (good === undefined || other === undefined) return;
  const nonsense = join(parent, 'nonsense');
  writeFileSync(nonsense, 'nonsense');
  for (const { tls, named } of [
    { tls: { ...good, keyFile: other.keyFile }, named: ['does not belong', other.keyFile] },
    { tls: { ...good, certFile: nonsense }, named: ['--tls-cert', nonsense] },
    { tls: { ...good, keyFile: nonsense }, named: ['--tls-key', nonsense] },
    { tls: { ...good, keyFile: join(parent, 'absent') }, named: ['--tls-key', 'absent', 'no such file'] },
  ]) {
    await assert.rejects(startEmbedded(path, { listen: freePort, tls }), (error) => isFacetError(error, 'tls_invalid') && named.every((text) => error.message.includes(text)));
  }
});
