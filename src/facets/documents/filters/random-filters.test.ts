// A second opinion: random filters over random documents, against mingo, on what both define alike.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Query } from 'mingo';
import { compileFilter } from './match.ts';
import { parseFilter } from './parse-filter.ts';
import { toDocument } from './plain-values.ts';

type Random = (below: number) => number;

/** Mulberry32: the same numbers for the same seed, everywhere. */
function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const names = ['a', 'b', 'c'];
const paths = ['a', 'b', 'a.b', 'a.c', 'b.c', 'a.b.c', 'a.0', 'b.1', 'a.0.b'];
const scalars: readonly unknown[] = [0, 1, 2, 3, -1, 1.5, 'x', 'xy', 'y', '', true, false];

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random(items.length)]!;
}

function randomDocument(random: Random, depth: number): Record<string, unknown> {
  return Object.fromEntries(names.slice(0, 1 + random(3)).map((name) => [name, randomField(random, depth)]));
}

function randomField(random: Random, depth: number): unknown {
  const kind = depth > 0 ? random(4) : 0;
  if (kind === 1) return randomDocument(random, depth - 1);
  if (kind === 2) return Array.from({ length: random(4) }, () => (random(2) === 0 ? pick(random, scalars) : randomDocument(random, depth - 1)));
  return pick(random, scalars);
}

function randomFilter(random: Random, depth: number): Record<string, unknown> {
  if (depth > 0 && random(3) === 0) {
    return { [pick(random, ['$and', '$or', '$nor'])]: Array.from({ length: 1 + random(2) }, () => randomFilter(random, depth - 1)) };
  }
  const path = pick(random, paths);
  return { [path]: randomCondition(random, path) };
}

function randomCondition(random: Random, path: string): unknown {
  const values = (): unknown[] => Array.from({ length: 1 + random(6) }, () => pick(random, scalars));
  const condition = pick<() => unknown>(random, [
    () => pick(random, scalars),
    () => ({ $eq: pick(random, scalars) }),
    () => ({ $ne: pick(random, scalars) }),
    () => ({ [pick(random, ['$gt', '$gte', '$lt', '$lte'])]: pick(random, scalars) }),
    () => ({ $in: values() }),
    () => ({ $nin: values() }),
    () => ({ $exists: random(2) === 0 }),
    () => ({ $regex: pick(random, ['x', '^y', 'y$']) }),
    () => (path.includes('.') ? 1 : { $elemMatch: { $gt: pick(random, [0, 1, 'x']), $ne: pick(random, scalars) } }),
    () => ({ $not: { $gt: pick(random, scalars) } }),
  ]);
  return condition();
}

/**
 * Where mingo is no judge: it loses fields below an array within an array. For the same reason there is no $all here
 * (which mingo denies scalars) and no $elemMatch of documents (for which mingo takes scalars to be some).
 */
function isComparable(filter: unknown, document: Record<string, unknown>): boolean {
  return !Array.isArray(document['a']) || !JSON.stringify(filter).includes('a.b.c');
}

test('random filters match what mingo matches', () => {
  const random = randomOf(20_250_101);
  let matches = 0;
  let compared = 0;
  const different: string[] = [];
  for (let round = 0; round < 3_000; round += 1) {
    const filter = randomFilter(random, 2);
    const mine = compileFilter(parseFilter(toDocument(filter)));
    const theirs = new Query(filter);
    for (let count = 0; count < 5; count += 1) {
      const document = randomDocument(random, 3);
      if (!isComparable(filter, document)) continue;
      const matched = mine(toDocument(document));
      compared += 1;
      if (matched) matches += 1;
      if (matched !== theirs.test(document)) different.push(`${JSON.stringify(filter)} on ${JSON.stringify(document)}: ${matched} here`);
    }
  }
  assert.deepEqual(different, []);
  assert.ok(matches > compared / 20 && matches < compared - compared / 20, 'both answers occur often enough to mean something');
});
