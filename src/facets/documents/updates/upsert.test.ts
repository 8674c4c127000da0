import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExtendedJson, toExtendedJson } from '../../../values/bson/extended-json.ts';
import { DateTime, ObjectId } from '../../../values/bson/types.ts';
import type { Document } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import { parseUpdate } from './parse-update.ts';
import { documentForUpsert, equalitiesForUpsert } from './upsert.ts';

type Case = { readonly query: string; readonly update: string } & ({ readonly result: string } | { readonly error: number; readonly text?: string });

const now = new DateTime(1_700_000_000_123n);
const id = '{"$oid": "000000000000000000000000"}';

function upsert({ query, update }: Case): Document {
  const parsed = parseUpdate(parseExtendedJson(update), { multi: false });
  const equalities = equalitiesForUpsert(parseFilter(parseExtendedJson(query) as Document), parsed);
  return documentForUpsert(equalities, parsed, { now, newId: () => new ObjectId(new Uint8Array(12)) });
}

const cases: readonly Case[] = [
  { query: '{}', update: '{"$set": {"a": 1}}', result: `{"_id": ${id}, "a": 1}` },
  { query: '{"_id": 5}', update: '{"$set": {"a": 1}}', result: '{"_id": 5, "a": 1}' },
  { query: '{"b": 1, "a": 2}', update: '{"$set": {"c": 1}}', result: `{"_id": ${id}, "a": 2, "b": 1, "c": 1}` },
  { query: '{"b": {"$eq": 1}, "c": {"$gt": 1}, "d": {"$in": [4]}, "e": {"$in": [4, 5]}}', update: '{"$set": {"x": 1}}', result: `{"_id": ${id}, "b": 1, "d": 4, "x": 1}` },
  { query: '{"$and": [{"a": 1}, {"b": 2}]}', update: '{"$set": {"x": 1}}', result: `{"_id": ${id}, "a": 1, "b": 2, "x": 1}` },
  { query: '{"$or": [{"a": 1}]}', update: '{"$set": {"x": 1}}', result: `{"_id": ${id}, "a": 1, "x": 1}` },
  { query: '{"$or": [{"a": 1}, {"b": 1}]}', update: '{"$set": {"x": 1}}', result: `{"_id": ${id}, "x": 1}` },
  { query: '{"a.b": 1, "a.c": 2}', update: '{"$set": {"x": 1}}', result: `{"_id": ${id}, "a": {"b": 1, "c": 2}, "x": 1}` },
  { query: '{"a": 1}', update: '{"$set": {"a": 2}, "$setOnInsert": {"b": 3}}', result: `{"_id": ${id}, "a": 2, "b": 3}` },
  { query: '{"a": 1}', update: '{"$inc": {"a": 2}}', result: `{"_id": ${id}, "a": 3}` },
  { query: '{"a": {"$all": [1]}}', update: '{"$set": {"b": 1}}', result: `{"_id": ${id}, "a": 1, "b": 1}` },
  { query: '{"a": 1}', update: '{"b": 1}', result: `{"_id": ${id}, "b": 1}` },
  { query: '{"_id": 7, "a": 1}', update: '{"b": 1}', result: '{"_id": 7, "b": 1}' },
  { query: '{"a": 1}', update: '{"b": 1, "_id": 3}', result: '{"_id": 3, "b": 1}' },
  { query: '{"a": 1}', update: '[{"$set": {"b": {"$add": ["$a", 1]}}}]', result: `{"_id": ${id}, "a": 1, "b": 2}` },
  { query: '{"a": 1}', update: '{"$set": {"_id": 4}}', result: '{"_id": 4, "a": 1}' },
  { query: '{"_id": 1}', update: '{"$set": {"_id": 4}}', error: 66 },
  { query: '{"_id": 1}', update: '{"_id": 4}', error: 66 },
  { query: '{"_id.x": 1}', update: '{"a": 4}', error: 111, text: "field at '_id' must be exactly specified, field at sub-path '_id.x'found" },
  { query: '{"_id.x": 1}', update: '{"$set": {"a": 4}}', result: '{"_id": {"x": 1}, "a": 4}' },
  { query: '{"_id.x": 1}', update: '{"$set": {"_id.y": 4}}', error: 66 },
  { query: '{"$and": [{"a": 1}, {"a": 2}]}', update: '{"$set": {"b": 1}}', error: 54, text: "cannot infer query fields to set, path 'a' is matched twice" },
  { query: '{"a": {"b": 1}, "a.b": 1}', update: '{"$set": {"c": 1}}', error: 54, text: "cannot infer query fields to set, both paths 'a.b' and 'a' are matched" },
  { query: '{"a": {"$all": [1, 2]}}', update: '{"$set": {"b": 1}}', error: 54 },
  { query: '{"a": 1}', update: '{"$set": {"a.b": 1}}', error: 28 },
  { query: '{"$expr": {"$eq": ["$a", 1]}}', update: '{"$set": {"b": 1}}', error: 224, text: '$expr is not allowed in the query predicate for an upsert' },
  { query: '{}', update: '{"$set": {"_id": [1]}}', error: 53 },
  { query: '{}', update: '{"$set": {"_id": {"$a": 1}}}', error: 52 },
  { query: '{}', update: '{"$set": {"$a": 1}}', result: `{"_id": ${id}, "$a": 1}` },
  { query: '{"a": 1}', update: '{"$set": {"a.$": 1}}', error: 2 },
];

for (const one of cases) {
  test(`upsert ${one.query} ${one.update}`, () => {
    if ('result' in one) {
      assert.equal(toExtendedJson(upsert(one)), toExtendedJson(parseExtendedJson(one.result) as Document));
      return;
    }
    assert.throws(() => upsert(one), (error) => {
      assert.ok(error instanceof DocumentError, String(error));
      assert.equal(error.number, one.error, error.details);
      if (one.text !== undefined) assert.equal(error.details, one.text);
      return true;
    });
  });
}

test('what an upsert inserts is limited in size', () => {
  const parsed = parseUpdate(new Map([['$set', new Map([['b', 'x'.repeat(16 * 1024 * 1024)]])]]), { multi: false });
  assert.throws(() => documentForUpsert(new Map(), parsed, { now, newId: () => new ObjectId(new Uint8Array(12)) }), (error) => error instanceof DocumentError && error.number === 17_420);
});

test('of a query with a replacement, only what it says of _id counts', () => {
  const one: Case = { query: '{"$and": [{"a": 1}, {"a": 2}, {"_id": 3}]}', update: '{"b": 1}', result: '{"_id": 3, "b": 1}' };
  assert.equal(toExtendedJson(upsert(one)), toExtendedJson(parseExtendedJson(one.result) as Document));
});
