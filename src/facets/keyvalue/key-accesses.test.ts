import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyAccesses } from './key-accesses.ts';

const startedAtMs = 1_000_000_000;

function accessesAt(): { accesses: KeyAccesses; after: (seconds: number) => void } {
  let nowMs = startedAtMs;
  return { accesses: new KeyAccesses({ nowMs: () => nowMs, capacity: 2 ** 14 }), after: (seconds) => void (nowMs += seconds * 1_000) };
}

test('a key is idle since it was looked at, or since the start', () => {
  const { accesses, after } = accessesAt();
  after(10);
  accesses.note(0, Buffer.from('seen'));
  after(5);
  assert.equal(accesses.idleSeconds(0, Buffer.from('seen')), 5);
  assert.equal(accesses.idleSeconds(1, Buffer.from('seen')), 15);
  assert.equal(accesses.idleSeconds(0, Buffer.from('unseen')), 15);
  accesses.note(0, Buffer.from('seen'));
  assert.equal(accesses.idleSeconds(0, Buffer.from('seen')), 0);
});

test('how long a key was idle can be told', () => {
  const { accesses, after } = accessesAt();
  accesses.note(0, Buffer.from('restored'), 1_000);
  after(2);
  assert.equal(accesses.idleSeconds(0, Buffer.from('restored')), 1_002);
});

test('of very many keys those that were looked at last are known, and no other seems to be used', () => {
  const { accesses, after } = accessesAt();
  const keys = (name: string, count: number): Buffer[] => Array.from({ length: count }, (_, number) => Buffer.from(`${name}:${number}`));
  const old = keys('old', 16_000);
  for (const key of old) accesses.note(0, key);
  after(100);
  const recent = keys('recent', 3_000);
  for (const key of recent) accesses.note(0, key);
  after(10);
  for (const key of recent) accesses.note(0, key);
  const forgotten = recent.filter((key) => accesses.idleSeconds(0, key) !== 0);
  assert.ok(forgotten.length < recent.length / 50, `${forgotten.length} are not known`);
  const seeming = old.filter((key) => accesses.idleSeconds(0, key) < 10);
  assert.ok(seeming.length < old.length / 50, `${seeming.length} seem to be used`);
});
