import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExtendedJson } from '../../../values/bson/extended-json.ts';
import type { Document } from '../../../values/bson/types.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import { walkedKeys } from './explained-index.ts';

const documentOf = (text: string): Document => parseExtendedJson(text) as Document;

type Case = { readonly key: string; readonly conditions: readonly string[]; readonly bounds: readonly (readonly string[])[]; readonly rest?: readonly number[]; readonly arrays?: Readonly<Record<string, readonly string[]>>; readonly isBackward?: boolean };

// As MongoDB 7.0's explain shows them.
const cases: readonly Case[] = [
  { key: '{"a":1}', conditions: ['{"a":3}'], bounds: [['[3, 3]']] },
  { key: '{"a":1}', conditions: ['{"a":{"$gt":3}}', '{"a":{"$lte":5}}'], bounds: [['(3, 5]']] },
  { key: '{"a":1}', conditions: ['{"a":{"$gt":3}}', '{"a":{"$lte":5}}'], arrays: { a: ['a'] }, bounds: [['(3, inf.0]']], rest: [1] },
  { key: '{"a":-1,"b":1}', conditions: ['{"b":"x"}', '{"a":{"$lt":{"$numberDouble":"2.5"}}}'], bounds: [['(2.5, -inf.0]'], ['["x", "x"]']] },
  { key: '{"a":1,"b":-1}', conditions: ['{"a":1}'], isBackward: true, bounds: [['[1, 1]'], ['[MinKey, MaxKey]']] },
  { key: '{"a":1}', conditions: ['{"a":{"$ne":3}}'], bounds: [['[MinKey, 3)', '(3, MaxKey]']] },
  { key: '{"a":1}', conditions: ['{"a":{"$nin":[3,1]}}'], isBackward: true, bounds: [['[MaxKey, 3)', '(3, 1)', '(1, MinKey]']] },
  { key: '{"a":1}', conditions: ['{"a":null}'], bounds: [['[undefined, undefined]', '[null, null]']], rest: [0] },
  { key: '{"a":1}', conditions: ['{"a":{"$in":["b","a",null]}}'], bounds: [['[undefined, undefined]', '[null, null]', '["a", "a"]', '["b", "b"]']], rest: [0] },
  { key: '{"a":1}', conditions: ['{"a":{"$gt":"b"}}'], bounds: [['("b", {})']] },
  { key: '{"a":1}', conditions: ['{"a":{"$regex":"^ab"}}'], bounds: [['["ab", "ac")', '[/^ab/, /^ab/]']] },
  { key: '{"a":1}', conditions: ['{"a":{"$regex":"^ab?c"}}'], bounds: [['["a", "b")', '[/^ab?c/, /^ab?c/]']], rest: [0] },
  { key: '{"a":1}', conditions: ['{"a":{"$regex":"ab","$options":"i"}}'], bounds: [['["", {})', '[/ab/i, /ab/i]']], rest: [0] },
  { key: '{"a":1}', conditions: ['{"a":{"$exists":true}}'], bounds: [['[MinKey, MaxKey]']], rest: [0] },
  { key: '{"a":1}', conditions: ['{"a":{"$type":"string"}}'], bounds: [['["", {})']], rest: [0] },
  { key: '{"a":1}', conditions: ['{"a":true}', '{"z":1}'], bounds: [['[true, true]']], rest: [1] },
  { key: '{"a":1}', conditions: ['{"$or":[{"a":1},{"a":{"$gte":5}}]}'], bounds: [['[1, 1]', '[5, inf.0]']] },
  { key: '{"a":1}', conditions: ['{"$or":[{"a":1},{"b":{"$gte":5}}]}'], bounds: [['[MinKey, MaxKey]']], rest: [0] },
  { key: '{"a.x":1,"a.y":1}', conditions: ['{"a.x":1}', '{"a.y":2}'], arrays: { 'a.x': ['a'], 'a.y': ['a'] }, bounds: [['[1, 1]'], ['[MinKey, MaxKey]']], rest: [1] },
  { key: '{"a":1}', conditions: ['{"a":{"$elemMatch":{"$gt":1,"$lt":3}}}'], arrays: { a: ['a'] }, bounds: [['(1, 3)']], rest: [0] },
  { key: '{"a.b":1}', conditions: ['{"a":{"$elemMatch":{"b":4}}}'], arrays: { 'a.b': ['a'] }, bounds: [['[4, 4]']], rest: [0] },
  { key: '{"$**":1}', conditions: ['{"q.r":{"$gte":2}}'], bounds: [['["q.r", "q.r"]'], ['[2, inf.0]']] },
];

test('an index is walked within the bounds that follow from the filter', () => {
  for (const { key, conditions, bounds, rest = [], arrays = {}, isBackward = false } of cases) {
    const parsed = conditions.map((text) => ({ shown: documentOf(text), filter: parseFilter(documentOf(text)) }));
    const walked = walkedKeys({ key: documentOf(key), conditions: parsed, multikeyPaths: new Map(Object.entries(arrays)), isBackward });
    assert.deepEqual([[...walked.indexBounds.values()], walked.rest.map((condition) => parsed.indexOf(condition))], [bounds, rest], `${key} ${conditions.join(' ')}`);
  }
});
