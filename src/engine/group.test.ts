// The grouper's rules, on connections that only pretend.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FacetError } from '../kernel/errors.ts';
import { type GroupKind, Grouper } from './group.ts';
import { noObserver } from './observer.ts';
import type { Connection } from './wire/connection.ts';

type Run = GroupKind<number, string>['run'];
const pretended = { usable: true, close: async () => {} } as unknown as Connection;

function grouperOf(kinds: readonly { name: string; lanes: number; size?: number; run: Run }[], waiting = 100_000): Grouper {
  return new Grouper(kinds as unknown as readonly GroupKind<never, unknown>[], { connect: async () => pretended, observer: noObserver, waiting });
}

function ask(grouper: Grouper, origin: ReturnType<Grouper['origin']>, kind: string, request: number): Promise<string> {
  return new Promise((resolve, reject) => {
    grouper.submit<number, string>(origin, kind, request, (error, reply) => (error === undefined ? resolve(reply!) : reject(error)));
  });
}

const echo: Run = async (_connection, requests) => requests.map((request) => `reply ${request}`);

test('what is asked for in one turn leaves as one group, bounded in size', async () => {
  const sizes: number[] = [];
  const run: Run = async (connection, requests) => (sizes.push(requests.length), echo(connection, requests));
  const grouper = grouperOf([{ name: 'read', lanes: 1, size: 4, run }]);
  const replies = await Promise.all(Array.from({ length: 10 }, (_, index) => ask(grouper, grouper.origin(), 'read', index)));
  assert.deepEqual(replies, Array.from({ length: 10 }, (_, index) => `reply ${index}`));
  assert.deepEqual(sizes, [4, 4, 2]);
});

test('a request that fails fails alone', async () => {
  const run: Run = async (connection, requests) => {
    if (requests.includes(3)) throw new FacetError('check_violation', 'three');
    return await echo(connection, requests);
  };
  const grouper = grouperOf([{ name: 'write', lanes: 1, run }]);
  const settled = await Promise.allSettled([1, 2, 3, 4].map((request) => ask(grouper, grouper.origin(), 'write', request)));
  assert.deepEqual(settled.map(({ status }) => status), ['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
});

test('a group whose connection is lost is not repeated', async () => {
  let runs = 0;
  const run: Run = async () => {
    runs += 1;
    throw new FacetError('connection_lost');
  };
  const grouper = grouperOf([{ name: 'write', lanes: 1, run }]);
  const settled = await Promise.allSettled([1, 2].map((request) => ask(grouper, grouper.origin(), 'write', request)));
  assert.equal(runs, 1);
  assert.ok(settled.every(({ status }) => status === 'rejected'));
});

test('too many waiting requests are refused, and closing answers all', async () => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const run: Run = async (connection, requests) => (await held, echo(connection, requests));
  const grouper = grouperOf([{ name: 'read', lanes: 1, run }, { name: 'write', lanes: 1, run }], 3);
  const origin = grouper.origin();
  const first = ask(grouper, origin, 'read', 1);
  await new Promise((resolve) => setImmediate(resolve));
  const waiting = Promise.allSettled([ask(grouper, origin, 'read', 2), ask(grouper, origin, 'write', 3)]);
  await assert.rejects(ask(grouper, origin, 'read', 4), { code: 'limit_exceeded' });
  const closed = grouper.close();
  await assert.rejects(ask(grouper, origin, 'read', 5), { code: 'shutting_down' });
  release();
  await closed;
  assert.equal(await first, 'reply 1');
  for (const outcome of await waiting) assert.equal(outcome.status === 'rejected' && outcome.reason.code, 'shutting_down');
  assert.equal(grouper.waiting, 0);
});

test("an origin's requests take effect in its order, whatever their kinds and the lanes' speed", async () => {
  let state = 12345;
  const random = (below: number): number => (state = (state * 1103515245 + 12345) & 0x7fffffff) % below;
  const order = new Map<number, number[]>();
  const active = new Set<number>();
  const run: Run = async (connection, requests) => {
    const numbers = new Set(requests.map((request) => Math.floor(request / 1000)));
    for (const number of numbers) assert.ok(!active.has(number), 'an origin is in two groups at once');
    for (const number of numbers) active.add(number);
    for (const request of requests) order.get(Math.floor(request / 1000))!.push(request % 1000);
    for (let turns = random(4); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    for (const number of numbers) active.delete(number);
    return await echo(connection, requests);
  };
  const kinds = [{ name: 'read', lanes: 3, size: 5, run }, { name: 'write', lanes: 1, size: 7, run }];
  const grouper = grouperOf(kinds);
  const all: Promise<unknown>[] = [];
  const origins = Array.from({ length: 12 }, () => grouper.origin());
  origins.forEach((_, number) => order.set(number, []));
  for (let next = 0; next < 120; next++) {
    for (const [number, origin] of origins.entries()) all.push(ask(grouper, origin, random(3) === 0 ? 'write' : 'read', number * 1000 + next));
    if (random(3) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(all);
  const inOrder = Array.from({ length: 120 }, (_, next) => next);
  for (const requests of order.values()) assert.deepEqual(requests, inOrder);
});
