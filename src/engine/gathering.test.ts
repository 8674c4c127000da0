// When small groups wait for others to join them, by the clock of this process.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Gathering } from './gathering.ts';
import { engineLimits } from './limits.ts';

/** Lets so many clients ask throughout two windows, so that one whole window has seen them. */
async function ask(gathering: Gathering, clients: number): Promise<void> {
  const untilMs = performance.now() + 2 * engineLimits.crowdWindowMs;
  while (performance.now() < untilMs) {
    for (let client = 0; client < clients; client++) gathering.note(client);
    await sleep(1);
  }
  for (let client = 0; client < clients; client++) gathering.note(client);
}

/** After `clients` have asked; again where this machine stood still, so that no whole window has seen them. */
async function holdsAfter(clients: number, waiting: number, onOver: () => void = () => {}): Promise<Gathering | undefined> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const gathering = new Gathering(onOver);
    await ask(gathering, clients);
    if (gathering.holds(waiting)) return gathering;
  }
  return undefined;
}

test('where few clients ask, nothing waits', async () => {
  assert.equal(new Gathering(() => {}).holds(1), false);
  assert.equal(await holdsAfter(engineLimits.crowd - 1, 1), undefined);
});

test('one client is no crowd, however often it asks', async () => {
  const gathering = new Gathering(() => {});
  const untilMs = performance.now() + 3 * engineLimits.crowdWindowMs;
  while (performance.now() < untilMs) {
    for (let request = 0; request < 100; request++) gathering.note(7);
    assert.equal(gathering.holds(1), false);
    await sleep(1);
  }
});

test('where many ask, a small group waits until its time is over, and the next one waits anew', async () => {
  let over = (): void => {};
  const isOver = new Promise<void>((resolve) => (over = resolve));
  const gathering = await holdsAfter(4 * engineLimits.crowd, 1, over);
  assert.ok(gathering !== undefined);
  await isOver;
  assert.equal(gathering.holds(1), false);
  gathering.left();
  await ask(gathering, 4 * engineLimits.crowd);
  const next = gathering.holds(1) ? gathering : await holdsAfter(4 * engineLimits.crowd, 1);
  assert.ok(next !== undefined);
  next.left();
  gathering.left();
});

test('a group that is a part of the crowd leaves at once', async () => {
  const clients = 4 * engineLimits.crowd;
  const gathering = await holdsAfter(clients, 1);
  assert.ok(gathering !== undefined);
  assert.equal(gathering.holds(clients * engineLimits.crowdPart), false);
  gathering.left();
});
