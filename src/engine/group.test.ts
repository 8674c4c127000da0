// The grouper's rules, on connections that only pretend.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FacetError } from '../kernel/errors.ts';
import { Grouper } from './group.ts';
import type { GroupKind } from './group-kind.ts';
import { engineLimits } from './limits.ts';
import { noObserver } from './observer.ts';
import { TakesLong } from './takes-long.ts';
import type { Connection } from './wire/connection.ts';

type Run = GroupKind<number, string>['run'];
const pretended = { usable: true, close: async () => {}, command: async () => [] } as unknown as Connection;

function grouperOf(kinds: readonly { name: string; lanes: number; longLanes?: number; size?: number; gathers?: true; run: Run }[], waiting = 100_000): Grouper {
  return new Grouper(kinds as unknown as readonly GroupKind<never, unknown>[], { connect: async () => pretended, observer: noObserver, waiting });
}

function ask(grouper: Grouper, origin: ReturnType<Grouper['origin']>, kind: string, request: number): Promise<string> {
  return new Promise((resolve, reject) => {
    grouper.submit<number, string>(origin, kind, request, (error, reply) => (error === undefined ? resolve(reply!) : reject(error)));
  });
}

const echo = async (_connection: Connection, requests: readonly number[]): Promise<string[]> => requests.map((request) => `reply ${request}`);

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

test('groups that are kept apart overlap, but nothing that one touches is in two of them, and nobody is overtaken', async () => {
  let state = 4711;
  const random = (below: number): number => (state = (state * 1103515245 + 12345) & 0x7fffffff) % below;
  // A request is its origin's number, its place in that origin's order, and what it touches.
  type Touching = { readonly origin: number; readonly place: number; readonly names: readonly string[] | 'all' };
  const underWay = new Set<readonly Touching[]>();
  let overlaps = 0;
  const answered = new Map<number, number[]>();
  const run = async (_connection: Connection, requests: readonly Touching[]): Promise<readonly string[]> => {
    for (const other of underWay) {
      overlaps += 1;
      for (const one of requests) for (const two of other) assert.ok(one.origin !== two.origin && !meet(one.names, two.names), 'groups that are apart');
    }
    underWay.add(requests);
    for (let turns = random(5); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    underWay.delete(requests);
    for (const { origin, place } of requests) answered.get(origin)!.push(place);
    return requests.map(() => 'done');
  };
  const kind: GroupKind<Touching, string> = { name: 'write', lanes: 3, size: 6, run, touches: ({ names }) => names };
  const grouper = new Grouper([kind] as unknown as readonly GroupKind<never, unknown>[], { connect: async () => pretended, observer: noObserver });
  const origins = Array.from({ length: 10 }, () => grouper.origin());
  origins.forEach((_, number) => answered.set(number, []));
  const all: Promise<unknown>[] = [];
  for (let place = 0; place < 80; place++) {
    for (const [number, origin] of origins.entries()) {
      const names = random(60) === 0 ? 'all' : Array.from({ length: random(3) }, () => `key ${random(25)}`);
      const request: Touching = { origin: number, place, names };
      all.push(new Promise<void>((resolve, reject) => grouper.submit<Touching, string>(origin, 'write', request, (error) => (error === undefined ? resolve() : reject(error)))));
    }
    if (random(2) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(all);
  assert.ok(overlaps > 20, `${overlaps} groups left while another was under way`);
  for (const places of answered.values()) assert.deepEqual(places, Array.from({ length: 80 }, (_, place) => place));
});

function meet(one: readonly string[] | 'all', other: readonly string[] | 'all'): boolean {
  return one === 'all' || other === 'all' || one.some((name) => other.includes(name));
}

test('a group leaves while another is under way only when it is as large, and when it may', async () => {
  const releases: (() => void)[] = [];
  const sizes: number[] = [];
  let mayOverlap = true;
  const run: Run = async (connection, requests) => {
    sizes.push(requests.length);
    await new Promise<void>((resolve) => releases.push(resolve));
    return await echo(connection, requests);
  };
  const kind: GroupKind<number, string> = { name: 'write', lanes: 2, run, touches: (request) => [`${request}`], mayOverlap: () => mayOverlap };
  const grouper = new Grouper([kind] as unknown as readonly GroupKind<never, unknown>[], { connect: async () => pretended, observer: noObserver });
  const turn = async (): Promise<void> => {
    for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
  };
  const all = [1, 2].map((request) => ask(grouper, grouper.origin(), 'write', request));
  await turn();
  all.push(ask(grouper, grouper.origin(), 'write', 3));
  await turn();
  assert.deepEqual(sizes, [2], 'one request does not follow two');
  mayOverlap = false;
  all.push(ask(grouper, grouper.origin(), 'write', 4));
  await turn();
  assert.deepEqual(sizes, [2], 'two do, but they may not');
  mayOverlap = true;
  all.push(ask(grouper, grouper.origin(), 'write', 5));
  await turn();
  assert.deepEqual(sizes, [2, 3]);
  for (const release of releases) release();
  await Promise.all(all);
  await grouper.close();
});

test('an even group waits for those under way until it is as large, or they are done', async () => {
  const releases: (() => void)[] = [];
  const sizes: number[] = [];
  const run: Run = async (connection, requests) => {
    sizes.push(requests.length);
    await new Promise<void>((resolve) => releases.push(resolve));
    return await echo(connection, requests);
  };
  const kind: GroupKind<number, string> = { name: 'read', lanes: 2, even: true, run };
  const grouper = new Grouper([kind] as unknown as readonly GroupKind<never, unknown>[], { connect: async () => pretended, observer: noObserver });
  const turn = async (): Promise<void> => {
    for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
  };
  const all = [1, 2, 3].map((request) => ask(grouper, grouper.origin(), 'read', request));
  await turn();
  all.push(...[4, 5].map((request) => ask(grouper, grouper.origin(), 'read', request)));
  await turn();
  assert.deepEqual(sizes, [3], 'two do not follow three');
  releases.shift()!();
  await turn();
  assert.deepEqual(sizes, [3, 2], 'nothing is under way any more');
  all.push(...[6, 7].map((request) => ask(grouper, grouper.origin(), 'read', request)));
  await turn();
  assert.deepEqual(sizes, [3, 2, 2], 'two follow two');
  for (const release of releases) release();
  assert.deepEqual(await Promise.all(all), [1, 2, 3, 4, 5, 6, 7].map((request) => `reply ${request}`));
  await grouper.close();
});

test('many clients who ask one after the other get into one group; of one client, each request leaves at once', async () => {
  const sizes: number[] = [];
  const run: Run = async (connection, requests) => (sizes.push(requests.length), echo(connection, requests));
  /** The largest group of what is asked for in so many turns, a request each. */
  const largest = async (grouper: Grouper, turns: number, clientOf: (turn: number) => number): Promise<number> => {
    const replies: Promise<string>[] = [];
    for (let turn = 0; turn < turns; turn++) {
      replies.push(ask(grouper, grouper.origin(clientOf(turn)), 'read', turn));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(await Promise.all(replies), replies.map((_, turn) => `reply ${turn}`));
    return Math.max(...sizes.splice(0));
  };
  const grouper = grouperOf([{ name: 'read', lanes: 2, gathers: true, run }]);
  assert.equal(await largest(grouper, 1_000, () => 1_000), 1);
  let together = 0;
  // A machine that stands still for a while sees no crowd.
  for (let attempt = 0; attempt < 100 && together < 4; attempt++) together = Math.max(together, await largest(grouper, 1_000, (turn) => turn % (4 * engineLimits.crowd)));
  assert.ok(together >= 4, `${together} requests in a group`);
});

test('what takes long is executed apart: others go on, but nobody touches what it touches, and each origin keeps its order', async () => {
  let state = 1789;
  const random = (below: number): number => (state = (state * 1103515245 + 12345) & 0x7fffffff) % below;
  type Touching = { readonly origin: number; readonly place: number; readonly names: readonly string[]; readonly isLong: boolean };
  for (const hasNames of [true, false]) {
    const underWay = new Set<readonly Touching[]>();
    const answered = new Map<number, number[]>();
    let whileLong = 0;
    const run = async (_connection: Connection, requests: readonly Touching[], isApart: boolean): Promise<readonly string[]> => {
      const long = requests.filter((request) => request.isLong);
      if (!isApart && long.length > 0) {
        await new Promise((resolve) => setImmediate(resolve));
        throw new TakesLong(new Set(long));
      }
      if (isApart) assert.equal(requests.length, 1, 'alone');
      for (const other of underWay) {
        if (!isApart && other.some((request) => request.isLong)) whileLong += 1;
        for (const one of requests) for (const two of other) assert.ok(one.origin !== two.origin && !(hasNames && meet(one.names, two.names)), 'groups that are apart');
      }
      underWay.add(requests);
      for (let turns = random(5) + (isApart ? 20 : 0); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      underWay.delete(requests);
      for (const { origin, place } of requests) answered.get(origin)!.push(place);
      return requests.map(() => 'done');
    };
    const kind: GroupKind<Touching, string> = { name: 'some', lanes: 2, longLanes: 2, size: 6, run, ...(hasNames ? { touches: ({ names }) => names } : {}) };
    const grouper = new Grouper([kind] as unknown as readonly GroupKind<never, unknown>[], { connect: async () => pretended, observer: noObserver });
    const origins = Array.from({ length: 12 }, () => grouper.origin());
    origins.forEach((_, number) => answered.set(number, []));
    const all: Promise<unknown>[] = [];
    for (let place = 0; place < 60; place++) {
      for (const [number, origin] of origins.entries()) {
        const names = Array.from({ length: random(3) }, () => `key ${random(300)}`);
        const request: Touching = { origin: number, place, names, isLong: random(50) === 0 };
        all.push(new Promise<void>((resolve, reject) => grouper.submit<Touching, string>(origin, 'some', request, (error) => (error === undefined ? resolve() : reject(error)))));
      }
      if (random(2) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(all);
    assert.ok(whileLong > 20, `${whileLong} groups left while something that takes long was under way`);
    for (const places of answered.values()) assert.deepEqual(places, Array.from({ length: 60 }, (_, place) => place));
    await grouper.close();
  }
});

test('a group that fails because of one that takes long is executed one by one up to there', async () => {
  const runs: number[][] = [];
  const run: Run = async (connection, requests, isApart) => {
    runs.push([...requests]);
    if (requests.length > 1) throw new FacetError('check_violation', 'one of them');
    if (requests[0] === 2 && !isApart) throw new TakesLong(new Set([2]));
    return await echo(connection, requests);
  };
  const grouper = grouperOf([{ name: 'read', lanes: 1, longLanes: 1, run }]);
  const origin = grouper.origin();
  const replies = await Promise.all([1, 2, 3].map((request) => ask(grouper, origin, 'read', request)));
  assert.deepEqual(replies, ['reply 1', 'reply 2', 'reply 3']);
  assert.deepEqual(runs, [[1, 2, 3], [1], [2], [2], [3]]);
});
