import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessLimits } from './limits.ts';
import { LoginGuard } from './login-guard.ts';

const ann = { role: 'ann', address: '192.0.2.1' };

/** A guard on a clock that only its own waiting moves. */
function guardOnAClock(remembered?: number) {
  const clock = { nowMs: 0, waits: [] as number[] };
  const guard = new LoginGuard({
    ...(remembered === undefined ? {} : { remembered }),
    now: () => clock.nowMs,
    sleep: (ms) => {
      clock.waits.push(ms);
      clock.nowMs += ms;
      return Promise.resolve();
    },
  });
  return { guard, clock };
}

test('a login waits twice as long after each failure, up to the limit', async () => {
  const { guard, clock } = guardOnAClock();
  for (let failure = 1; failure <= 10; failure += 1) {
    await guard.turn(ann);
    assert.equal(guard.failed(ann), failure);
  }
  assert.deepEqual(clock.waits, [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
});

test('a good login ends it; other roles and addresses never waited', async () => {
  const { guard, clock } = guardOnAClock();
  guard.failed(ann);
  await guard.turn({ ...ann, role: 'bob' });
  await guard.turn({ ...ann, address: '192.0.2.2' });
  guard.succeeded(ann);
  await guard.turn(ann);
  assert.deepEqual(clock.waits, []);
});

test('logins in parallel queue up, and are refused past the limit', async () => {
  const waits: number[] = [];
  const guard = new LoginGuard({ now: () => 0, sleep: (ms) => Promise.resolve(waits.push(ms)) });
  for (let failure = 0; failure < 6; failure += 1) guard.failed(ann);
  await Promise.all([guard.turn(ann), guard.turn(ann), guard.turn(ann)]);
  assert.deepEqual(waits, [3_200, 6_400, 9_600]);
  await assert.rejects(guard.turn(ann), { code: 'authentication_failed' });
});

test('failures are forgotten with time, and the table is bounded', async () => {
  const { guard, clock } = guardOnAClock(2);
  guard.failed(ann);
  clock.nowMs = accessLimits.failureLifetimeMs;
  assert.equal(guard.failed(ann), 1);
  guard.failed({ ...ann, role: 'bob' });
  guard.failed({ ...ann, role: 'eve' });
  assert.equal(guard.failed(ann), 1, 'made room for the newer ones');
});
