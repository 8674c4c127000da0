// A plan that is known says what planning anew would have said, whatever the values.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DateTime, ObjectId, int32, type Document, type Value } from '../../../values/bson/types.ts';
import type { Filter } from '../filters/filter.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import type { CollectionInfo } from './catalog.ts';
import type { CollectionQuery } from './collection-query.ts';
import { planCollectionQuery } from './plan-collection-query.ts';
import { newCommandScope } from './command-scope.ts';
import { knownPlan } from './known-plans.ts';
import { parseSort } from '../sorts/parse-sort.ts';

function collectionWith(...indexes: readonly Document[]): CollectionInfo {
  return {
    target: { database: 'shop', collection: 'things' }, kind: 'collection', table: undefined, isSmall: false, isCapped: false, isByteOrdered: true, hasPositions: true, options: new Map(),
    indexes: indexes.map((specification, index) => ({ specification: new Map<string, Value>([['v', int32(2)], ['name', `index${index}`], ...specification]), relations: [] })),
  } as unknown as CollectionInfo;
}

function indexOn(keys: Readonly<Record<string, number>>, options: Readonly<Record<string, Value>> = {}): Document {
  return new Map<string, Value>([['key', new Map(Object.entries(keys).map(([name, direction]) => [name, int32(direction)]))], ...Object.entries(options)]);
}

/** Plans, and whether it was known. */
function planned(info: CollectionInfo, query: CollectionQuery): { readonly plan: ReturnType<typeof planCollectionQuery>; readonly isKnown: boolean } {
  let isKnown = true;
  const plan = knownPlan(info, query, () => {
    isKnown = false;
    return planCollectionQuery(info, query);
  });
  return { plan, isKnown };
}

const filterOf = (conditions: Readonly<Record<string, Value>>): Filter => parseFilter(new Map(Object.entries(conditions)), newCommandScope().context);
const operator = (name: string, value: Value): Document => new Map([[name, value]]);

const values: readonly Value[] = [
  int32(1), 2n, 2.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY, 'a', 'b\0c', 'long '.repeat(50), '', true, false, null, new DateTime(5n), new ObjectId(new Uint8Array(12)), [int32(1)], new Map<string, Value>([['a', int32(1)]]),
];
const paths = ['n', 'm', 'a.b', '_id', 'other', 'a.0'];
const sorts = [undefined, undefined, ...[{ n: 1 }, { n: -1 }, { n: 1, m: -1 }, { m: -1 }, { _id: 1 }, { 'a.b': 1, 'a.c': 1 }].map((keys) => parseSort(new Map(Object.entries(keys).map(([name, direction]) => [name, int32(direction)]))))];
const operators = ['$eq', '$gt', '$gte', '$lt', '$lte', '$ne', '$in', '$exists'];

/** Numbers that only look random. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) yield (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

test('whatever is asked, a known plan is the one that would have been made', () => {
  const random = numbers(7);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random.next().value! * from.length)]!;
  let known = 0;
  for (const info of [
    collectionWith(), collectionWith(indexOn({ n: 1 })), collectionWith(indexOn({ n: 1, m: -1 }), indexOn({ 'a.b': 1 })),
    collectionWith(indexOn({ n: 1 }, { sparse: true })), collectionWith(indexOn({ n: 1 }, { partialFilterExpression: new Map([['m', operator('$gt', int32(2))]]) })), collectionWith(indexOn({ '$**': 1 })),
  ]) {
    for (let round = 0; round < 2_000; round++) {
      const conditions: Record<string, Value> = {};
      for (let count = Math.floor(random.next().value! * 3); count > 0; count--) {
        const name = pick(operators);
        const value = pick(values);
        conditions[pick(paths)] = operator(name, name === '$in' ? [value, pick(values)] : name === '$exists' ? true : value);
      }
      const query: CollectionQuery = { filter: filterOf(conditions), limit: pick([undefined, 1n, 20n, 102n, 1_000n]), natural: pick([undefined, undefined, undefined, 1, -1]), sort: pick(sorts) };
      const { plan, isKnown } = planned(info, query);
      const { query: { text, parameters, withoutArrays }, isWalk = false, residual, refined } = planCollectionQuery(info, query);
      if (isKnown) known += 1;
      assert.equal(plan.query.text, text);
      assert.equal(plan.query.withoutArrays?.text, withoutArrays?.text);
      assert.deepEqual(plan.query.parameters.types, parameters.types);
      assert.deepEqual(plan.query.parameters.values, parameters.values);
      assert.deepEqual({ isWalk: plan.isWalk ?? false, residual: plan.residual, refined: plan.refined }, { isWalk, residual, refined });
    }
  }
  assert.ok(known > 1_000, `${known} plans were known`);
});

test('queries that differ in values only are planned once, those that differ in more are not', () => {
  const info = collectionWith(indexOn({ n: 1 }));
  const isKnown = (filter: Readonly<Record<string, Value>>, more: Partial<CollectionQuery> = {}): boolean => planned(info, { filter: filterOf(filter), limit: 20n, ...more }).isKnown;
  assert.equal(isKnown({ n: operator('$gte', int32(1)) }), false);
  assert.equal(isKnown({ n: operator('$gte', 7.5) }), true);
  assert.equal(isKnown({ n: operator('$gte', int32(1)) }, { limit: 5n }), false);
  assert.equal(isKnown({ n: operator('$gte', int32(1)) }, { limit: 1_000n }), false);
  assert.equal(isKnown({ n: operator('$gte', int32(1)) }, { limit: 2_000n }), true);
  assert.equal(isKnown({ n: operator('$gte', int32(1)) }, { limit: undefined }), false);
  assert.equal(isKnown({ n: operator('$gte', int32(1)) }, { natural: -1 }), false);
  const sort = parseSort(new Map([['n', int32(1)]]));
  assert.equal(isKnown({ n: operator('$gte', int32(1)) }, { sort }), false);
  assert.equal(isKnown({ n: operator('$gte', int32(2)) }, { sort }), true);
  assert.equal(isKnown({ n: operator('$gte', int32(2)) }, { sort: parseSort(new Map([['n', int32(-1)]])) }), false);
  assert.equal(isKnown({ n: operator('$gte', 'text') }), false);
  assert.equal(isKnown({ n: operator('$gt', int32(1)) }), false);
  assert.equal(isKnown({ m: operator('$gte', int32(1)) }), false);
  assert.equal(planned(collectionWith(indexOn({ n: 1 })), { filter: filterOf({ n: operator('$gte', int32(1)) }), limit: 20n }).isKnown, false);
});
