import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PasswordCheck } from './password-check.ts';
import { createVerifier } from './scram-verifier.ts';

const role = 'ann';
// So many rounds that a check is still at work when the next one comes.
const iterations = 40_000;

test('a right password is hashed once, a wrong one each time', async () => {
  const verifier = await createVerifier('right', { iterations: 1 });
  const check = new PasswordCheck();
  const first = await check.check({ role, verifier, password: 'right' });
  assert.ok(first !== undefined);
  assert.equal(await check.check({ role, verifier, password: 'right' }), first, 'the very same keys: not derived again');
  assert.equal(await check.check({ role, verifier, password: 'wrong' }), undefined);
});

test('a changed verifier and another role miss what is remembered', async () => {
  const check = new PasswordCheck();
  const verifier = await createVerifier('right', { iterations: 1 });
  const changed = await createVerifier('new', { iterations: 1 });
  assert.ok(await check.check({ role, verifier, password: 'right' }));
  assert.equal(await check.check({ role, verifier: changed, password: 'right' }), undefined);
  const keys = await check.check({ role: 'bob', verifier, password: 'right' });
  assert.ok(keys !== undefined && keys !== (await check.check({ role, verifier, password: 'right' })));
});

test('what is remembered expires, and the least recently used goes first', async () => {
  let nowMs = 0;
  const check = new PasswordCheck({ remembered: 2, lifetimeMs: 1_000, now: () => nowMs });
  const verifier = await createVerifier('right', { iterations: 1 });
  const ask = (name: string) => check.check({ role: name, verifier, password: 'right' });

  const a = await ask('a');
  const b = await ask('b');
  assert.equal(await ask('a'), a);
  await ask('c');
  assert.equal(await ask('a'), a, 'used more recently than b');
  assert.notEqual(await ask('b'), b, 'made room for c');

  const c = await ask('b');
  nowMs = 1_000;
  assert.notEqual(await ask('b'), c, 'expired');
});

test('equal claims at once are hashed once, and the number of waiting ones is bounded', async () => {
  const check = new PasswordCheck({ pending: 1 });
  const verifier = await createVerifier('right', { iterations });
  const [first, second] = await Promise.all([check.check({ role, verifier, password: 'right' }), check.check({ role, verifier, password: 'right' })]);
  assert.equal(second, first);
  const busy = check.check({ role, verifier, password: 'wrong 1' });
  await assert.rejects(check.check({ role, verifier, password: 'wrong 2' }), { code: 'limit_exceeded' });
  assert.equal(await busy, undefined);
});
