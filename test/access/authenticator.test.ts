// Logging in by password against PostgreSQL's own verifiers, and PostgreSQL logging in against ours.

import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Writable } from 'node:stream';
import pg from 'pg';
import { Authenticator, type Principal } from '../../src/access/authenticator.ts';
import { LoginGuard } from '../../src/access/login-guard.ts';
import { addRole, canCheckPasswords, findLogin, setPassword } from '../../src/access/roles.ts';
import { createVerifier, verifyPassword } from '../../src/access/scram-verifier.ts';
import { Engine } from '../../src/engine/engine.ts';
import { createLog, silentLog } from '../../src/kernel/log.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase('access');
const address = '192.0.2.1';
let engine: Engine;
before(async () => {
  engine = await Engine.openExternal({ url: database.url, log: silentLog });
});
after(async () => {
  await engine.close();
});

/** Plain, empty after SASLprep, mapped by it, refused by it (a control character, mixed directions), long. */
const passwords: readonly string[] = ['secret', '\u00AD', 'I\u00ADX \u2168 ﬁ', 'a\u0007b', 'a\u0627b', 'ein Käse 🧀', "it's \\ $1", 'x'.repeat(1_000)];

function authenticator(): Authenticator {
  return new Authenticator({ store: engine.systemPool, log: silentLog, guard: new LoginGuard({ sleep: () => Promise.resolve() }) });
}

test("passwords that PostgreSQL hashed are found right here, and only those", async () => {
  assert.ok(await canCheckPasswords(engine.systemPool));
  const role = await database.createRole('hashed_there');
  for (const password of passwords) {
    await engine.systemPool.query(`alter role ${role.name} password ${pg.escapeLiteral(password)}`);
    const logins = authenticator();
    const principal = await logins.authenticate({ role: role.name, password, address });
    assert.deepEqual([principal.role, principal.superuser], [role.name, false]);
    await assert.rejects(logins.authenticate({ role: role.name, password: `${password}x`, address }), { code: 'authentication_failed' });
  }
});

test('passwords that were hashed here are found right by PostgreSQL, and by the keys that they were proved with', async () => {
  const { name } = await database.createRole('hashed_here');
  // The driver sends passwords as they are, so those that SASLprep changes are not for it.
  for (const password of passwords.filter((text) => !text.includes('\u00AD'))) {
    await setPassword(engine.systemPool, { name, password });
    const url = new URL(database.url);
    const client = new pg.Client({ host: url.hostname, port: Number(url.port), database: database.name, user: name, password });
    await client.connect();
    await client.end();

    const { keys } = await authenticator().authenticate({ role: name, password, address });
    engine.learnSecret(name, keys);
    const rows = await engine.pool(name).query<{ name: string }>('select current_user as name');
    assert.deepEqual(rows, [{ name }]);
  }
});

/** The client's side, as drivers have it. */
async function proofOf({ password, clientFirst, serverFirst }: { password: string; clientFirst: string; serverFirst: string }): Promise<string> {
  const [, nonce, salt, iterations] = /^r=(.+),s=(.+),i=(\d+)$/.exec(serverFirst)!;
  const verifier = await createVerifier(password, { salt: Buffer.from(salt!, 'base64'), iterations: Number(iterations) });
  const { clientKey } = (await verifyPassword(password, verifier))!;
  const withoutProof = `c=biws,r=${nonce}`;
  const signature = createHmac('sha256', verifier.storedKey).update(`${clientFirst.slice(3)},${serverFirst},${withoutProof}`).digest();
  return `${withoutProof},p=${Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]!)).toString('base64')}`;
}

test('a password that is proved by SCRAM opens PostgreSQL too; a wrong one and an unknown role look alike', async () => {
  const { name } = await database.createRole('proves');
  await setPassword(engine.systemPool, { name, password: 'secret' });
  const logIn = async (role: string, password: string): Promise<Principal> => {
    const clientFirst = `n,,n=${role},r=${randomBytes(12).toString('base64')}`;
    const { serverFirst, finish } = await authenticator().beginScram({ clientFirst, address });
    return finish(await proofOf({ password, clientFirst, serverFirst })).principal;
  };
  const { role, keys } = await logIn(name, 'secret');
  engine.learnSecret(role, keys);
  assert.deepEqual(await engine.pool(name).query<{ name: string }>('select current_user as name'), [{ name }]);
  await assert.rejects(logIn(name, 'Secret'), { code: 'authentication_failed', details: `for role "${name}"` });
  await assert.rejects(logIn('nobody_here', 'secret'), { code: 'authentication_failed', details: 'for role "nobody_here"' });
});

test('every reason to refuse looks alike from outside and is told to the log, which never holds the password', async () => {
  let logged = '';
  const log = createLog({ level: 'info', format: 'json', stream: new Writable({ write: (chunk: Buffer, _encoding, done) => ((logged += chunk.toString()), done()) }) });
  const logins = new Authenticator({ store: engine.systemPool, log, guard: new LoginGuard({ sleep: () => Promise.resolve() }) });
  const roles = {
    right: await database.createRole('right'),
    late: await database.createRole('late', `login valid until '2001-01-01'`),
    locked: await database.createRole('locked', 'nologin'),
  };
  const none = `${database.name}_none`;
  await engine.systemPool.query(`create role ${none} login`);
  const md5 = await database.createRole('md5');
  await engine.systemPool.query(`alter role ${md5.name} password 'md5a3556571e93b0d20722ba62be61e8c2d'`);

  const attempts: [string, string, string][] = [
    [roles.right.name, 'guessed-wrong', 'wrong password'],
    [roles.right.name, 'x'.repeat(2_000), 'wrong password'],
    [roles.late.name, roles.late.password, 'the password is no longer valid'],
    [roles.locked.name, roles.locked.password, 'the role may not log in'],
    [none, '', 'the role has no password'],
    [md5.name, 'x', 'the password is not kept as SCRAM-SHA-256'],
    ['nobody-here', 'guessed-wrong', 'no such role'],
  ];
  for (const [role, password, reason] of attempts) {
    logged = '';
    await assert.rejects(logins.authenticate({ role, password, address }), { code: 'authentication_failed', message: `authentication failed: for role "${role}"` });
    const line = JSON.parse(logged) as Record<string, unknown>;
    assert.deepEqual([line['level'], line['role'], line['address'], line['reason']], ['warn', role, address, reason]);
    if (password.length > 1) assert.ok(!logged.includes(password));
  }
  await engine.systemPool.query(`drop role ${none}`);
});

test('a changed password counts at once, and failures slow the next login down', async () => {
  const waits: number[] = [];
  const guard = new LoginGuard({ now: () => 0, sleep: (ms) => Promise.resolve(waits.push(ms)) });
  const logins = new Authenticator({ store: engine.systemPool, log: silentLog, guard });
  const { name, password } = await database.createRole('changing');
  const login = (given: string) => logins.authenticate({ role: name, password: given, address });
  await login(password);
  await setPassword(engine.systemPool, { name, password: 'changed' });
  await assert.rejects(login(password), { code: 'authentication_failed' });
  await assert.rejects(login(password), { code: 'authentication_failed' });
  await login('changed');
  assert.deepEqual(waits, [100, 200]);
  await login('changed');
  assert.equal(waits.length, 2);
});

test('a role that may not read verifiers is told what is missing', async () => {
  const { name, url } = await database.createRole('plain');
  const plain = await Engine.openExternal({ url, log: silentLog });
  try {
    assert.equal(await canCheckPasswords(plain.systemPool), false);
    await assert.rejects(findLogin(plain.systemPool, name), { code: 'engine_unsupported', details: /pg_authid/ });
    await assert.rejects(addRole(plain.systemPool, { name: `${name}_x`, password: 'x' }), { code: 'permission_denied' });
  } finally {
    await plain.close();
  }
});
