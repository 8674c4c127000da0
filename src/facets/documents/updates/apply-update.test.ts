import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExtendedJson, toExtendedJson } from '../../../values/bson/extended-json.ts';
import { DateTime, Timestamp, int32 } from '../../../values/bson/types.ts';
import type { Document, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import { applyUpdate } from './apply-update.ts';
import { parseUpdate } from './parse-update.ts';

type UpdateCase = {
  readonly update: string;
  /** `{"_id": 1}` by default. */
  readonly document?: string;
  readonly arrayFilters?: string;
  readonly position?: number;
  readonly isInsert?: boolean;
  readonly multi?: boolean;
} & ({ readonly result: string } | { readonly unchanged: true } | { readonly error: number; readonly text?: string });

const now = new DateTime(1_700_000_000_123n);

function read(text: string): Value {
  return parseExtendedJson(text);
}

function run({ update, document = '{"_id": 1}', arrayFilters = '[]', position, isInsert = false, multi = false }: UpdateCase): { before: Document; after: Document; changed: boolean } {
  const before = read(document) as Document;
  const parsed = parseUpdate(read(update), { multi, arrayFilters: read(arrayFilters) as Document[] });
  const { document: after, changed } = applyUpdate(parsed, before, { now, nextTimestamp: () => new Timestamp((1_700_000_000n << 32n) | 1n), position, isInsert });
  return { before, after, changed };
}

function checkUpdates(cases: readonly UpdateCase[]): void {
  for (const one of cases) {
    const name = `${one.update} on ${one.document ?? '{"_id": 1}'}`;
    if ('error' in one) {
      assert.throws(() => run(one), (error) => {
        assert.ok(error instanceof DocumentError, `${name}: ${String(error)}`);
        assert.equal(error.number, one.error, `${name}: ${error.details}`);
        if (one.text !== undefined) assert.equal(error.details, one.text, name);
        return true;
      }, name);
      continue;
    }
    const { before, after, changed } = run(one);
    const unchangedText = toExtendedJson(read(one.document ?? '{"_id": 1}') as Document);
    assert.equal(toExtendedJson(before), unchangedText, `${name}: the original was changed`);
    const expected = 'result' in one ? toExtendedJson(read(one.result) as Document) : unchangedText;
    assert.equal(toExtendedJson(after), expected, name);
    assert.equal(changed, 'result' in one, `${name}: changed`);
  }
}

const long = (digits: string): string => `{"$numberLong": "${digits}"}`;
const double = (digits: string): string => `{"$numberDouble": "${digits}"}`;
const decimal = (digits: string): string => `{"$numberDecimal": "${digits}"}`;

test('$set', () => {
  checkUpdates([
    { update: '{"$set": {"a": 1}}', result: '{"_id": 1, "a": 1}' },
    { update: '{"$set": {"a": 1}}', document: '{"_id": 1, "a": 2, "b": 3}', result: '{"_id": 1, "a": 1, "b": 3}' },
    { update: '{"$set": {"a": 1}}', document: '{"_id": 1, "a": 1}', unchanged: true },
    { update: '{"$set": {"a": 1}}', document: `{"_id": 1, "a": ${long('1')}}`, result: '{"_id": 1, "a": 1}' },
    { update: `{"$set": {"a": ${double('-0.0')}}}`, document: `{"_id": 1, "a": ${double('0.0')}}`, result: `{"_id": 1, "a": ${double('-0.0')}}` },
    { update: `{"$set": {"a": ${double('NaN')}}}`, document: `{"_id": 1, "a": ${double('NaN')}}`, unchanged: true },
    { update: `{"$set": {"a": ${decimal('1.0')}}}`, document: `{"_id": 1, "a": ${decimal('1.00')}}`, result: `{"_id": 1, "a": ${decimal('1.0')}}` },
    { update: '{"$set": {"a": {"x": 1, "y": 2}}}', document: '{"_id": 1, "a": {"y": 2, "x": 1}}', result: '{"_id": 1, "a": {"x": 1, "y": 2}}' },
    { update: '{"$set": {}}', unchanged: true },
    // New fields in the order of their names, indexes by number; existing ones keep their places.
    { update: '{"$set": {"c": 1, "a": 2, "b": 3}}', document: '{"_id": 1, "b": 0}', result: '{"_id": 1, "b": 3, "a": 2, "c": 1}' },
    { update: '{"$set": {"a.10": 1, "a.9": 2, "a.x": 3}}', result: '{"_id": 1, "a": {"9": 2, "10": 1, "x": 3}}' },
    { update: '{"$set": {"z": 1}, "$inc": {"b": 1}, "$push": {"a": 1}}', result: '{"_id": 1, "a": [1], "b": 1, "z": 1}' },
    { update: '{"$set": {"a.b.c": 1}}', result: '{"_id": 1, "a": {"b": {"c": 1}}}' },
    { update: '{"$set": {"a.b": 1, "a.c": 2}}', document: '{"_id": 1, "a": {}}', result: '{"_id": 1, "a": {"b": 1, "c": 2}}' },
    { update: '{"$set": {"a.0": 1}}', document: '{"_id": 1, "a": []}', result: '{"_id": 1, "a": [1]}' },
    { update: '{"$set": {"a.0": 1}}', result: '{"_id": 1, "a": {"0": 1}}' },
    { update: '{"$set": {"a.3": 1}}', document: '{"_id": 1, "a": [0]}', result: '{"_id": 1, "a": [0, null, null, 1]}' },
    { update: '{"$set": {"a.2.b": 1}}', document: '{"_id": 1, "a": [0]}', result: '{"_id": 1, "a": [0, null, {"b": 1}]}' },
    { update: '{"$set": {"a.3": 1, "a.2": 0}}', document: '{"_id": 1, "a": []}', result: '{"_id": 1, "a": [null, null, 0, 1]}' },
    { update: '{"$set": {"a.1500001": 1}}', document: '{"_id": 1, "a": []}', error: 34 },
    { update: '{"$set": {"a.b": 1}}', document: '{"_id": 1, "a": [1]}', error: 28, text: "Cannot create field 'b' in element {a: [ 1 ]}" },
    { update: '{"$set": {"a.b": 1}}', document: '{"_id": 1, "a": 5}', error: 28, text: "Cannot create field 'b' in element {a: 5}" },
    { update: '{"$set": {"a.b.c": 1}}', document: '{"_id": 1, "a": {"b": "x"}}', error: 28, text: `Cannot create field 'c' in element {b: "x"}` },
    { update: '{"$set": {"a.b": 1}}', document: '{"_id": 1, "a": null}', error: 28, text: "Cannot create field 'b' in element {a: null}" },
    { update: '{"$set": {"_id": 1}}', unchanged: true },
    { update: '{"$set": {"_id": 2}}', error: 66, text: "Performing an update on the path '_id' would modify the immutable field '_id'" },
    { update: `{"$set": {"_id": ${long('1')}}}`, error: 66 },
    { update: '{"$set": {"_id.a": 2}}', document: '{"_id": {"a": 1}}', error: 66, text: "Performing an update on the path '_id.a' would modify the immutable field '_id'" },
    { update: '{"$set": {"_id.b": 2}}', document: '{"_id": {"a": 1}}', error: 66, text: "Updating the path '_id' to _id: { a: 1, b: 2 } would modify the immutable field '_id'" },
    { update: '{"$set": {"a.b": 1}}', document: '{"a": {"b": 0}, "_id": 1}', result: '{"_id": 1, "a": {"b": 1}}' },
    { update: '{"$set": {"$a": 1}}', error: 52 },
    { update: '{"$set": {"a.$b": 1}}', result: '{"_id": 1, "a": {"$b": 1}}' },
    { update: '{"$set": {"$ref": "c"}}', error: 55, text: 'The DBRef $ref field must be followed by a $id field' },
    { update: '{"$set": {"$id": 1}}', error: 55 },
    { update: '{"$set": {"$db": 1}}', error: 55 },
  ]);
});

test('$set: the nesting of documents is limited', () => {
  const nested = (depth: number): string => '{"a": '.repeat(depth) + '1' + '}'.repeat(depth);
  checkUpdates([
    { update: `{"$set": {"x": ${nested(179)}}}`, result: `{"_id": 1, "x": ${nested(179)}}` },
    { update: `{"$set": {"x": ${nested(180)}}}`, error: 15, text: 'Document exceeds maximum nesting depth of 180' },
    { update: `{"$set": {"x.y": ${nested(179)}}}`, error: 15 },
    { update: `{"$set": {"x.y": ${nested(179)}}}`, document: '{"_id": 1, "x": {"y": 1}}', error: 15 },
  ]);
});

test('$set: the size of documents is limited', () => {
  const half = 'x'.repeat(8 * 1024 * 1024);
  const cases: readonly (readonly [added: number, code: number, text: string])[] = [
    [0, 17_419, 'Resulting document after update is larger than 16777216'],
    [16_400, 10_334, 'BSONObj size: 16793646 (0x100402E) is invalid. Size must be between 0 and 16793600(16MB) First element: _id: 1'],
  ];
  for (const [added, code, text] of cases) {
    const update = parseUpdate(new Map([['$set', new Map([['b', half + 'x'.repeat(added)]])]]), { multi: false });
    assert.throws(() => applyUpdate(update, new Map<string, Value>([['_id', int32(1)], ['a', half]]), { now }), (error) => error instanceof DocumentError && error.number === code && error.details === text);
  }
});

test('$setOnInsert', () => {
  checkUpdates([
    { update: '{"$setOnInsert": {"a": 1}}', unchanged: true },
    { update: '{"$setOnInsert": {"_id": 2}}', unchanged: true },
    { update: '{"$setOnInsert": {"a.b": 1}}', document: '{"_id": 1, "a": 1}', unchanged: true },
    { update: '{"$setOnInsert": {"a": 1}}', isInsert: true, result: '{"_id": 1, "a": 1}' },
    { update: '{"$setOnInsert": {"_id": 2}}', isInsert: true, error: 66 },
    { update: '{"$setOnInsert": {"_id": 2}}', document: '{"a": 1}', isInsert: true, result: '{"_id": 2, "a": 1}' },
  ]);
});

test('$unset', () => {
  checkUpdates([
    { update: '{"$unset": {"a": ""}}', document: '{"_id": 1, "a": 1, "b": 2}', result: '{"_id": 1, "b": 2}' },
    { update: '{"$unset": {"a": 1}}', unchanged: true },
    { update: '{"$unset": {"a.b": 1}}', document: '{"_id": 1, "a": {"b": 1}}', result: '{"_id": 1, "a": {}}' },
    { update: '{"$unset": {"a.0": 1}}', document: '{"_id": 1, "a": [1, 2]}', result: '{"_id": 1, "a": [null, 2]}' },
    { update: '{"$unset": {"a.b": 1}}', document: '{"_id": 1, "a": 5}', unchanged: true },
    { update: '{"$unset": {"a.b.c": 1}}', document: '{"_id": 1, "a": [5]}', unchanged: true },
    { update: '{"$unset": {"_id": 1}}', error: 66, text: "Performing an update on the path '_id' would modify the immutable field '_id'" },
    { update: '{"$unset": {"a.$[].b": 1}}', document: '{"_id": 1, "a": [{"b": 1, "c": 1}, {"c": 2}]}', result: '{"_id": 1, "a": [{"c": 1}, {"c": 2}]}' },
    { update: '{"$unset": {"a.$[]": 1}}', document: '{"_id": 1, "a": [1, 2]}', result: '{"_id": 1, "a": [null, null]}' },
  ]);
});

test('$inc: types and overflow', () => {
  const inc = (by: string, from: string, to: string): UpdateCase => ({ update: `{"$inc": {"a": ${by}}}`, document: `{"_id": 1, "a": ${from}}`, result: `{"_id": 1, "a": ${to}}` });
  checkUpdates([
    inc('1', '2', '3'),
    inc('1', '2147483647', long('2147483648')),
    inc('-1', '-2147483648', long('-2147483649')),
    inc(long('1'), '2', long('3')),
    inc('1', long('2'), long('3')),
    inc(double('1.5'), '2', double('3.5')),
    inc('1', double('2.5'), double('3.5')),
    inc(long('1'), double('2.5'), double('3.5')),
    inc(decimal('1.1'), '2', decimal('3.1')),
    inc(decimal('1.1'), double('2.5'), decimal('3.60000000000000')),
    inc('1', decimal('0.10'), decimal('1.10')),
    inc(long('0'), '2', long('2')),
    inc(double('0.0'), '2', double('2.0')),
    inc(double('Infinity'), '2', double('Infinity')),
    inc(double('NaN'), '2', double('NaN')),
    inc('1', double('NaN'), double('NaN')),
    { update: '{"$inc": {"a": 0}}', document: '{"_id": 1, "a": 2}', unchanged: true },
    { update: '{"$inc": {"a": 1}}', document: `{"_id": 1, "a": ${double('Infinity')}}`, unchanged: true },
    { update: '{"$inc": {"a": 0}}', document: `{"_id": 1, "a": ${decimal('1.0')}}`, unchanged: true },
    { update: '{"$inc": {"a": 0}}', document: `{"_id": 1, "a": ${double('-0.0')}}`, unchanged: true },
    { update: '{"$inc": {"a": 1}}', result: '{"_id": 1, "a": 1}' },
    { update: `{"$inc": {"a.b": ${decimal('1')}}}`, result: `{"_id": 1, "a": {"b": ${decimal('1')}}}` },
    { update: '{"$inc": {"a.1": 1}}', document: '{"_id": 1, "a": [1, 2]}', result: '{"_id": 1, "a": [1, 3]}' },
    { update: '{"$inc": {"a": 1}}', document: `{"_id": 1, "a": ${long('9223372036854775807')}}`, error: 2, text: 'Failed to apply $inc operations to current value ((NumberLong)9223372036854775807) for document {_id: 1}' },
    { update: `{"$inc": {"a": ${long('9223372036854775807')}}}`, document: '{"_id": 1, "a": 1}', error: 2, text: 'Failed to apply $inc operations to current value ((NumberInt)1) for document {_id: 1}' },
    { update: '{"$inc": {"a": 1}}', document: '{"_id": 1, "a": "x"}', error: 14, text: "Cannot apply $inc to a value of non-numeric type. {_id: 1} has the field 'a' of non-numeric type string" },
    { update: '{"$inc": {"a.b": 1}}', document: '{"_id": "k", "a": {"b": null}}', error: 14, text: `Cannot apply $inc to a value of non-numeric type. {_id: "k"} has the field 'b' of non-numeric type null` },
    { update: '{"$inc": {"a": 1}}', document: '{"_id": 1, "a": [1]}', error: 14 },
    { update: '{"$inc": {"a": "x"}}', error: 14, text: 'Cannot increment with non-numeric argument: {a: "x"}' },
    { update: '{"$inc": {"a": null}}', error: 14 },
    { update: '{"$inc": {"_id": 1}}', error: 66 },
    { update: '{"$inc": {"_id": 0}}', unchanged: true },
    { update: '{"$inc": {"a.b": 1}}', document: '{"_id": 1, "a": 1}', error: 28 },
  ]);
});

test('$mul', () => {
  const mul = (by: string, from: string, to: string): UpdateCase => ({ update: `{"$mul": {"a": ${by}}}`, document: `{"_id": 1, "a": ${from}}`, result: `{"_id": 1, "a": ${to}}` });
  checkUpdates([
    mul('3', '2', '6'),
    mul('65536', '65536', long('4294967296')),
    mul(long('2'), '3', long('6')),
    mul(double('0.5'), '3', double('1.5')),
    mul(decimal('0.5'), '3', decimal('1.5')),
    mul(double('0.0'), double('Infinity'), double('NaN')),
    { update: '{"$mul": {"a": 1}}', document: '{"_id": 1, "a": 3}', unchanged: true },
    { update: '{"$mul": {"a": 5}}', result: '{"_id": 1, "a": 0}' },
    { update: `{"$mul": {"a": ${long('5')}}}`, result: `{"_id": 1, "a": ${long('0')}}` },
    { update: `{"$mul": {"a": ${double('5.5')}}}`, result: `{"_id": 1, "a": ${double('0.0')}}` },
    { update: `{"$mul": {"a": ${double('-5.5')}}}`, result: `{"_id": 1, "a": ${double('-0.0')}}` },
    { update: `{"$mul": {"a": ${double('Infinity')}}}`, result: `{"_id": 1, "a": ${double('NaN')}}` },
    { update: `{"$mul": {"a": ${decimal('5')}}}`, result: `{"_id": 1, "a": ${decimal('0')}}` },
    { update: '{"$mul": {"a": 2}}', document: `{"_id": 1, "a": ${long('9223372036854775807')}}`, error: 2, text: 'Failed to apply $mul operations to current value ((NumberLong)9223372036854775807) for document {_id: 1}' },
    { update: '{"$mul": {"a": true}}', error: 14, text: 'Cannot multiply with non-numeric argument: {a: true}' },
    { update: '{"$mul": {"a": 2}}', document: '{"_id": 1, "a": true}', error: 14 },
  ]);
});

test('$min and $max', () => {
  checkUpdates([
    { update: '{"$min": {"a": 1}}', document: '{"_id": 1, "a": 2}', result: '{"_id": 1, "a": 1}' },
    { update: '{"$min": {"a": 3}}', document: '{"_id": 1, "a": 2}', unchanged: true },
    { update: `{"$min": {"a": ${double('2.0')}}}`, document: '{"_id": 1, "a": 2}', unchanged: true },
    { update: '{"$min": {"a": null}}', document: '{"_id": 1, "a": 2}', result: '{"_id": 1, "a": null}' },
    { update: '{"$min": {"a": "x"}}', document: '{"_id": 1, "a": 2}', unchanged: true },
    { update: '{"$min": {"a": 1}}', result: '{"_id": 1, "a": 1}' },
    { update: '{"$max": {"a": 3}}', document: '{"_id": 1, "a": 2}', result: '{"_id": 1, "a": 3}' },
    { update: '{"$max": {"a": 1}}', document: '{"_id": 1, "a": 2}', unchanged: true },
    { update: '{"$max": {"a": [1]}}', document: '{"_id": 1, "a": {"x": 1}}', result: '{"_id": 1, "a": [1]}' },
    { update: `{"$max": {"a": 1}}`, document: `{"_id": 1, "a": ${double('NaN')}}`, result: '{"_id": 1, "a": 1}' },
    { update: '{"$max": {"_id": 2}}', error: 66 },
    { update: '{"$max": {"_id": 0}}', unchanged: true },
  ]);
});

test('$currentDate', () => {
  checkUpdates([
    { update: '{"$currentDate": {"a": true}}', result: '{"_id": 1, "a": {"$date": {"$numberLong": "1700000000123"}}}' },
    { update: '{"$currentDate": {"a": false}}', result: '{"_id": 1, "a": {"$date": {"$numberLong": "1700000000123"}}}' },
    { update: '{"$currentDate": {"a": {"$type": "date"}}}', document: '{"_id": 1, "a": 1}', result: '{"_id": 1, "a": {"$date": {"$numberLong": "1700000000123"}}}' },
    { update: '{"$currentDate": {"a": {"$type": "timestamp"}}}', result: '{"_id": 1, "a": {"$timestamp": {"t": 1700000000, "i": 1}}}' },
    { update: '{"$currentDate": {"a": {"$type": "x"}}}', error: 2 },
    { update: '{"$currentDate": {"a": {}}}', error: 2 },
    { update: '{"$currentDate": {"a": {"x": 1}}}', error: 2, text: 'Unrecognized $currentDate option: x' },
    { update: '{"$currentDate": {"a": 1}}', error: 2, text: "int is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'})." },
  ]);
});

test('$bit', () => {
  const bit = (argument: string, from: string, to: string): UpdateCase => ({ update: `{"$bit": {"a": ${argument}}}`, document: `{"_id": 1, "a": ${from}}`, result: `{"_id": 1, "a": ${to}}` });
  checkUpdates([
    bit('{"and": 10}', '13', '8'),
    bit('{"or": 5}', '3', '7'),
    bit('{"xor": 5}', '1', '4'),
    bit('{"and": 6, "or": 1}', '12', '5'),
    bit(`{"or": ${long('1')}}`, '2', long('3')),
    bit('{"xor": -1}', long('0'), long('-1')),
    bit('{"xor": -1}', '5', '-6'),
    { update: '{"$bit": {"a": {"or": 1}}}', document: '{"_id": 1, "a": 1}', unchanged: true },
    { update: '{"$bit": {"a": {"or": 1}}}', result: '{"_id": 1, "a": 1}' },
    { update: `{"$bit": {"a": {"and": ${long('1')}}}}`, result: `{"_id": 1, "a": ${long('0')}}` },
    { update: '{"$bit": {"a": {"or": 1}}}', document: `{"_id": 1, "a": ${double('1.0')}}`, error: 2, text: 'Cannot apply $bit to a value of non-integral type._id: 1 has the field a of non-integer type double' },
    { update: '{"$bit": {"a": 1}}', error: 2 },
    { update: '{"$bit": {"a": {}}}', error: 2 },
    { update: '{"$bit": {"a": {"not": 1}}}', error: 2, text: "The $bit modifier only supports 'and', 'or', and 'xor', not 'not' which is an unknown operator: {not: 1}" },
    { update: `{"$bit": {"a": {"or": ${double('1.0')}}}}`, error: 2, text: "The $bit modifier field must be an Integer(32/64 bit); a 'double' is not supported here: {or: 1.0}" },
  ]);
});

test('$push', () => {
  checkUpdates([
    { update: '{"$push": {"a": 1}}', result: '{"_id": 1, "a": [1]}' },
    { update: '{"$push": {"a": 1}}', document: '{"_id": 1, "a": [1]}', result: '{"_id": 1, "a": [1, 1]}' },
    { update: '{"$push": {"a": [1, 2]}}', document: '{"_id": 1, "a": []}', result: '{"_id": 1, "a": [[1, 2]]}' },
    { update: '{"$push": {"a": {"$slice": 1}}}', result: '{"_id": 1, "a": [{"$slice": 1}]}' },
    { update: '{"$push": {"a.b": 1}}', result: '{"_id": 1, "a": {"b": [1]}}' },
    { update: '{"$push": {"a.0": 1}}', document: '{"_id": 1, "a": [[0]]}', result: '{"_id": 1, "a": [[0, 1]]}' },
    { update: '{"$push": {"a": {"$each": [1, 2]}}}', document: '{"_id": 1, "a": [0]}', result: '{"_id": 1, "a": [0, 1, 2]}' },
    { update: '{"$push": {"a": {"$each": []}}}', document: '{"_id": 1, "a": [0]}', unchanged: true },
    { update: '{"$push": {"a": {"$each": []}}}', result: '{"_id": 1, "a": []}' },
    { update: '{"$push": {"a": 1}}', document: '{"_id": 1, "a": 5}', error: 2, text: "The field 'a' must be an array but is of type int in document {_id: 1}" },
    { update: '{"$push": {"a": 1}}', document: '{"_id": 1, "a": null}', error: 2, text: "The field 'a' must be an array but is of type null in document {_id: 1}" },
    { update: '{"$push": {"a": {"$each": 1}}}', error: 2, text: 'The argument to $each in $push must be an array but it was of type: int' },
    { update: '{"$push": {"a": {"$each": [], "$foo": 1}}}', error: 2, text: 'Unrecognized clause in $push: $foo' },
    { update: '{"$push": {"a": {"x": 1, "$each": []}}}', error: 2, text: 'Unrecognized clause in $push: x' },
  ]);
});

test('$push at $position', () => {
  const at = (position: string, result: string): { update: string; document: string; result: string } => ({
    update: `{"$push": {"a": {"$each": [8, 9], "$position": ${position}}}}`,
    document: '{"_id": 1, "a": [1, 2, 3]}',
    result: `{"_id": 1, "a": ${result}}`,
  });
  checkUpdates([
    at('0', '[8, 9, 1, 2, 3]'),
    at('1', '[1, 8, 9, 2, 3]'),
    at('3', '[1, 2, 3, 8, 9]'),
    at('100', '[1, 2, 3, 8, 9]'),
    at('-1', '[1, 2, 8, 9, 3]'),
    at('-3', '[8, 9, 1, 2, 3]'),
    at('-100', '[8, 9, 1, 2, 3]'),
    at(double('1.0'), '[1, 8, 9, 2, 3]'),
    at(long('9223372036854775807'), '[1, 2, 3, 8, 9]'),
    at(long('-9223372036854775808'), '[8, 9, 1, 2, 3]'),
    { update: `{"$push": {"a": {"$each": [], "$position": ${double('1.5')}}}}`, error: 2, text: 'The value for $position must be an integer value, not of type: double' },
    { update: '{"$push": {"a": {"$each": [], "$position": "x"}}}', error: 2, text: 'The value for $position must be an integer value, not of type: string' },
  ]);
});

test('$push with $slice', () => {
  const slice = (size: string, result: string): { update: string; document: string; result: string } => ({
    update: `{"$push": {"a": {"$each": [9], "$slice": ${size}}}}`,
    document: '{"_id": 1, "a": [1, 2]}',
    result: `{"_id": 1, "a": ${result}}`,
  });
  checkUpdates([
    slice('1', '[1]'),
    slice('0', '[]'),
    slice('-1', '[9]'),
    slice('-2', '[2, 9]'),
    slice('-10', '[1, 2, 9]'),
    slice('10', '[1, 2, 9]'),
    slice(long('-9223372036854775808'), '[1, 2, 9]'),
    slice(decimal('1'), '[1]'),
    { update: '{"$push": {"a": {"$each": [], "$slice": 1}}}', document: '{"_id": 1, "a": [1, 2]}', result: '{"_id": 1, "a": [1]}' },
    { update: '{"$push": {"a": {"$each": [], "$slice": 2}}}', document: '{"_id": 1, "a": [1, 2]}', unchanged: true },
    { update: '{"$push": {"a": {"$each": [], "$slice": null}}}', error: 2, text: 'The value for $slice must be an integer value but was given type: null' },
    { update: `{"$push": {"a": {"$each": [], "$slice": ${double('NaN')}}}}`, error: 2 },
    { update: `{"$push": {"a": {"$each": [], "$slice": ${decimal('1.5')}}}}`, error: 2 },
  ]);
});

test('$push with $sort', () => {
  checkUpdates([
    { update: '{"$push": {"a": {"$each": [2], "$sort": 1}}}', document: '{"_id": 1, "a": [3, 1]}', result: '{"_id": 1, "a": [1, 2, 3]}' },
    { update: '{"$push": {"a": {"$each": [2, "x", null], "$sort": -1}}}', document: '{"_id": 1, "a": [3, 1]}', result: '{"_id": 1, "a": ["x", 3, 2, 1, null]}' },
    { update: '{"$push": {"a": {"$each": [], "$sort": 1}}}', document: '{"_id": 1, "a": [1, 2]}', result: '{"_id": 1, "a": [1, 2]}' },
    { update: '{"$push": {"a": {"$each": [], "$slice": 2}}}', document: '{"_id": 1, "a": [1, 2]}', unchanged: true },
    { update: '{"$push": {"a": {"$each": [{"b": 2}], "$sort": {"b": 1}, "$slice": 2}}}', document: '{"_id": 1, "a": [{"b": 3}, {"b": 1}]}', result: '{"_id": 1, "a": [{"b": 1}, {"b": 2}]}' },
    { update: '{"$push": {"a": {"$each": [], "$sort": {"b.c": -1, "d": 1}}}}', document: '{"_id": 1, "a": [{"d": 2}, {"b": {"c": 1}, "d": 2}, {"b": {"c": 1}, "d": 1}, 5]}', result: '{"_id": 1, "a": [{"b": {"c": 1}, "d": 1}, {"b": {"c": 1}, "d": 2}, 5, {"d": 2}]}' },
    { update: '{"$push": {"a": {"$each": [], "$sort": {}}}}', error: 2, text: 'The sort pattern is empty when it should be a set of fields.' },
    { update: '{"$push": {"a": {"$each": [], "$sort": 2}}}', error: 2, text: 'The $sort element value must be either 1 or -1' },
    { update: '{"$push": {"a": {"$each": [], "$sort": {"b": 2}}}}', error: 2, text: 'The sort element value must be either 1 or -1' },
    { update: '{"$push": {"a": {"$each": [], "$sort": {"": 1}}}}', error: 2, text: 'The sort field cannot be empty' },
    { update: '{"$push": {"a": {"$each": [], "$sort": {"b.": 1}}}}', error: 2, text: 'The sort field is a dotted field but has an empty part: b.' },
    { update: '{"$push": {"a": {"$each": [], "$sort": "b"}}}', error: 2 },
  ]);
});

test('$addToSet', () => {
  checkUpdates([
    { update: '{"$addToSet": {"a": 1}}', result: '{"_id": 1, "a": [1]}' },
    { update: '{"$addToSet": {"a": 2}}', document: '{"_id": 1, "a": [1]}', result: '{"_id": 1, "a": [1, 2]}' },
    { update: `{"$addToSet": {"a": ${double('1.0')}}}`, document: '{"_id": 1, "a": [1]}', unchanged: true },
    { update: '{"$addToSet": {"a": {"x": 1, "y": 2}}}', document: '{"_id": 1, "a": [{"y": 2, "x": 1}]}', result: '{"_id": 1, "a": [{"y": 2, "x": 1}, {"x": 1, "y": 2}]}' },
    { update: '{"$addToSet": {"a": [1]}}', document: '{"_id": 1, "a": [1]}', result: '{"_id": 1, "a": [1, [1]]}' },
    { update: '{"$addToSet": {"a": {"$each": [1, 2, 2, 3]}}}', document: '{"_id": 1, "a": [1, 1]}', result: '{"_id": 1, "a": [1, 1, 2, 3]}' },
    { update: '{"$addToSet": {"a": {"$each": [2, 2]}}}', result: '{"_id": 1, "a": [2]}' },
    { update: '{"$addToSet": {"a": {"$each": []}}}', result: '{"_id": 1, "a": []}' },
    { update: '{"$addToSet": {"a": {"$each": []}}}', document: '{"_id": 1, "a": []}', unchanged: true },
    { update: '{"$addToSet": {"a": {"x": 1, "$each": []}}}', result: '{"_id": 1, "a": [{"x": 1, "$each": []}]}' },
    { update: '{"$addToSet": {"a": {"$each": 1}}}', error: 14, text: 'The argument to $each in $addToSet must be an array but it was of type int' },
    { update: '{"$addToSet": {"a": {"$each": [], "x": 1}}}', error: 2, text: 'Found unexpected fields after $each in $addToSet: { $each: [], x: 1 }' },
    { update: '{"$addToSet": {"a": 1}}', document: '{"_id": 1, "a": 5}', error: 2, text: "Cannot apply $addToSet to non-array field. Field named 'a' has non-array type int" },
  ]);
});

test('$pop', () => {
  checkUpdates([
    { update: '{"$pop": {"a": 1}}', document: '{"_id": 1, "a": [1, 2, 3]}', result: '{"_id": 1, "a": [1, 2]}' },
    { update: '{"$pop": {"a": -1}}', document: '{"_id": 1, "a": [1, 2, 3]}', result: '{"_id": 1, "a": [2, 3]}' },
    { update: `{"$pop": {"a": ${double('-1.0')}}}`, document: '{"_id": 1, "a": [1]}', result: '{"_id": 1, "a": []}' },
    { update: '{"$pop": {"a": 1}}', document: '{"_id": 1, "a": []}', unchanged: true },
    { update: '{"$pop": {"a": 1}}', unchanged: true },
    { update: '{"$pop": {"a.b.c": 1}}', document: '{"_id": 1, "a": {}}', unchanged: true },
    { update: '{"$pop": {"a.5": 1}}', document: '{"_id": 1, "a": []}', unchanged: true },
    { update: '{"$pop": {"a.b": 1}}', document: '{"_id": 1, "a": 5}', error: 28, text: 'Cannot use the part (b) of (a.b) to traverse the element ({a: 5})' },
    { update: '{"$pop": {"a": 1}}', document: '{"_id": 1, "a": 5}', error: 14, text: "Path 'a' contains an element of non-array type 'int'" },
    { update: '{"$pop": {"a": 0}}', error: 9, text: '$pop expects 1 or -1, found: 0' },
    { update: '{"$pop": {"a": 2}}', error: 9, text: '$pop expects 1 or -1, found: 2' },
    { update: '{"$pop": {"a": "x"}}', error: 9, text: 'Expected a number in: a: "x"' },
    { update: `{"$pop": {"a": ${double('1.5')}}}`, error: 9, text: 'Expected an integer: a: 1.5' },
    { update: '{"$pop": {"a": null}}', error: 9 },
  ]);
});

test('$pull', () => {
  checkUpdates([
    { update: '{"$pull": {"a": 1}}', document: '{"_id": 1, "a": [1, 2, 1]}', result: '{"_id": 1, "a": [2]}' },
    { update: '{"$pull": {"a": 9}}', document: '{"_id": 1, "a": [1, 2]}', unchanged: true },
    { update: `{"$pull": {"a": ${double('1.0')}}}`, document: '{"_id": 1, "a": [1, 2]}', result: '{"_id": 1, "a": [2]}' },
    { update: '{"$pull": {"a": null}}', document: '{"_id": 1, "a": [null, 2]}', result: '{"_id": 1, "a": [2]}' },
    { update: '{"$pull": {"a": {"$gte": 2}}}', document: '{"_id": 1, "a": [1, 2, 3]}', result: '{"_id": 1, "a": [1]}' },
    { update: '{"$pull": {"a": {"$in": [1, 3]}}}', document: '{"_id": 1, "a": [1, 2, 3]}', result: '{"_id": 1, "a": [2]}' },
    { update: '{"$pull": {"a": {"$regularExpression": {"pattern": "^x", "options": ""}}}}', document: '{"_id": 1, "a": ["xa", "b", 1]}', result: '{"_id": 1, "a": ["b", 1]}' },
    { update: '{"$pull": {"a": {"b": 1}}}', document: '{"_id": 1, "a": [{"b": 1, "c": 2}, {"b": 2}, 1]}', result: '{"_id": 1, "a": [{"b": 2}, 1]}' },
    { update: '{"$pull": {"a": {"b": {"$gt": 1}, "c": 2}}}', document: '{"_id": 1, "a": [{"b": 2, "c": 2}, {"b": 2}]}', result: '{"_id": 1, "a": [{"b": 2}]}' },
    { update: '{"$pull": {"a": {"$or": [{"b": 1}, {"c": 1}]}}}', document: '{"_id": 1, "a": [{"b": 1}, {"c": 1}, {"d": 1}]}', result: '{"_id": 1, "a": [{"d": 1}]}' },
    { update: '{"$pull": {"a": {}}}', document: '{"_id": 1, "a": [{"b": 1}, 1, {}]}', result: '{"_id": 1, "a": [1]}' },
    { update: '{"$pull": {"a": [1, 2]}}', document: '{"_id": 1, "a": [[1, 2], [2, 1], 1]}', result: '{"_id": 1, "a": [[2, 1], 1]}' },
    { update: '{"$pull": {"a": {"$elemMatch": {"b": 1}}}}', document: '{"_id": 1, "a": [[{"b": 1}], {"b": 1}]}', result: '{"_id": 1, "a": [{"b": 1}]}' },
    { update: '{"$pull": {"a.$[].b": 1}}', document: '{"_id": 1, "a": [{"b": [1, 2]}, {"b": [1]}]}', result: '{"_id": 1, "a": [{"b": [2]}, {"b": []}]}' },
    { update: '{"$pull": {"a": 1}}', unchanged: true },
    { update: '{"$pull": {"a": 1}}', document: '{"_id": 1, "a": 1}', error: 2, text: 'Cannot apply $pull to a non-array value' },
    { update: '{"$pull": {"a.b": 1}}', document: '{"_id": 1, "a": 1}', error: 28 },
    { update: '{"$pull": {"a": {"$foo": 1}}}', error: 2 },
    { update: '{"$pull": {"a": {"$expr": true}}}', error: 224 },
    { update: '{"$pull": {"a": {"$where": "1"}}}', error: 2 },
  ]);
});

test('$pullAll', () => {
  checkUpdates([
    { update: '{"$pullAll": {"a": [1, 3]}}', document: '{"_id": 1, "a": [1, 2, 3, 1]}', result: '{"_id": 1, "a": [2]}' },
    { update: '{"$pullAll": {"a": [{"b": 1}]}}', document: '{"_id": 1, "a": [{"b": 1}, {"b": 1, "c": 1}]}', result: '{"_id": 1, "a": [{"b": 1, "c": 1}]}' },
    { update: '{"$pullAll": {"a": []}}', document: '{"_id": 1, "a": [1]}', unchanged: true },
    { update: '{"$pullAll": {"a": [1]}}', unchanged: true },
    { update: '{"$pullAll": {"a": 1}}', error: 2, text: '$pullAll requires an array argument but was given a int' },
    { update: '{"$pullAll": {"a": [1]}}', document: '{"_id": 1, "a": 1}', error: 2, text: 'Cannot apply $pull to a non-array value' },
  ]);
});

test('$rename', () => {
  checkUpdates([
    { update: '{"$rename": {"a": "b"}}', document: '{"_id": 1, "a": 1, "c": 2}', result: '{"_id": 1, "c": 2, "b": 1}' },
    { update: '{"$rename": {"a": "b"}}', document: '{"_id": 1, "b": 0, "a": 1}', result: '{"_id": 1, "b": 1}' },
    { update: '{"$rename": {"a": "b"}}', document: '{"_id": 1, "a": 1, "b": 1}', result: '{"_id": 1, "b": 1}' },
    { update: '{"$rename": {"a": "b"}}', unchanged: true },
    { update: '{"$rename": {"a": "b"}}', document: '{}', unchanged: true },
    { update: '{"$rename": {"a.b": "c.d"}}', document: '{"_id": 1, "a": {"b": 1}}', result: '{"_id": 1, "a": {}, "c": {"d": 1}}' },
    { update: '{"$rename": {"a.b": "a.c"}}', document: '{"_id": 1, "a": {"b": 1, "x": 2}}', result: '{"_id": 1, "a": {"x": 2, "c": 1}}' },
    { update: '{"$rename": {"a": "b"}, "$set": {"c": 1}}', document: '{"_id": 1, "a": 1}', result: '{"_id": 1, "b": 1, "c": 1}' },
    { update: '{"$rename": {"a.b": "c"}}', document: '{"_id": 1, "a": 1}', error: 28, text: 'cannot use the part (a of a.b) to traverse the element ({a: 1})' },
    { update: '{"$rename": {"a.0": "c"}}', document: '{"_id": 1, "a": [1]}', error: 2, text: "The source field cannot be an array element, 'a.0' in doc with _id: 1 has an array field called 'a'" },
    { update: '{"$rename": {"b": "a.0"}}', document: '{"_id": 1, "a": [1], "b": 1}', error: 2, text: "The destination field cannot be an array element, 'a.0' in doc with _id: 1 has an array field called 'a'" },
    { update: '{"$rename": {"b": "a.5"}}', document: '{"_id": 1, "a": [1], "b": 1}', error: 2 },
    { update: '{"$rename": {"b": "a.x"}}', document: '{"_id": 1, "a": 1, "b": 1}', error: 28 },
    { update: '{"$rename": {"_id": "a"}}', error: 66 },
    { update: '{"$rename": {"a": "_id"}}', document: '{"_id": 1, "a": 2}', error: 66 },
    { update: '{"$rename": {"a": 1}}', error: 2, text: "The 'to' field for $rename must be a string: a: 1" },
    { update: '{"$rename": {"a": "a"}}', error: 2, text: 'The source and target field for $rename must differ: a: "a"' },
    { update: '{"$rename": {"a": "a.b"}}', error: 2, text: 'The source and target field for $rename must not be on the same path: a: "a.b"' },
    { update: '{"$rename": {"a.b": "a"}}', error: 2 },
    { update: '{"$rename": {"a": ""}}', error: 56 },
    { update: '{"$rename": {"": "a"}}', error: 56 },
    { update: '{"$rename": {"a.$": "b"}}', error: 2, text: 'The source field for $rename may not be dynamic: a.$' },
    { update: '{"$rename": {"b": "a.$[]"}}', error: 2, text: 'The destination field for $rename may not be dynamic: a.$[]' },
    { update: '{"$rename": {"a": "b"}, "$set": {"a": 1}}', error: 40, text: "Updating the path 'a' would create a conflict at 'a'" },
    { update: '{"$rename": {"a": "b", "c": "b"}}', error: 40 },
  ]);
});

test('parsing: which operators, which paths, conflicts', () => {
  checkUpdates([
    { update: '{"$foo": {"a": 1}}', error: 9, text: 'Unknown modifier: $foo. Expected a valid update modifier or pipeline-style update specified as an array' },
    { update: '{"$set": {"a": 1}, "b": 1}', error: 9, text: 'Unknown modifier: b. Expected a valid update modifier or pipeline-style update specified as an array' },
    { update: '{"$set": 5}', error: 9, text: 'Modifiers operate on fields but we found type int instead. For example: {$mod: {<field>: ...}} not {$set: 5}' },
    { update: '{"$set": [1]}', error: 9 },
    { update: '"x"', error: 9, text: 'Update argument must be either an object or an array' },
    { update: '{"$set": {"": 1}}', error: 56, text: 'An empty update path is not valid.' },
    { update: '{"$set": {"a.": 1}}', error: 56, text: "The update path 'a.' contains an empty field name, which is not allowed." },
    { update: '{"$set": {".a": 1}}', error: 56 },
    { update: '{"$set": {"a..b": 1}}', error: 56 },
    { update: '{"$set": {"a": 1}, "$inc": {"a": 1}}', error: 40, text: "Updating the path 'a' would create a conflict at 'a'" },
    { update: '{"$set": {"a": 1, "a.b": 1}}', error: 40, text: "Updating the path 'a.b' would create a conflict at 'a'" },
    { update: '{"$set": {"a.b": 1, "a": 1}}', error: 40, text: "Updating the path 'a' would create a conflict at 'a'" },
    { update: '{"$set": {"a.b.c": 1}, "$unset": {"a.b": 1}}', error: 40, text: "Updating the path 'a.b' would create a conflict at 'a.b'" },
    { update: '{"$set": {"a.0": 1, "a.$[]": 1}}', error: 40, text: "Updating the path 'a.$[]' would create a conflict at 'a'" },
    { update: '{"$set": {"$": 1}}', error: 2, text: "Cannot have positional (i.e. '$') element in the first position in path '$'" },
    { update: '{"$set": {"a.$.b.$": 1}}', error: 2, text: "Too many positional (i.e. '$') elements found in path 'a.$.b.$'" },
    { update: '{"$set": {"$[]": 1}}', error: 2, text: "Cannot have array filter identifier (i.e. '$[<id>]') element in the first position in path '$[]'" },
    { update: '{"$set": {"a.$[i]": 1}}', error: 2, text: "No array filter found for identifier 'i' in path 'a.$[i]'" },
    { update: '{"a": 1}', multi: true, error: 9, text: 'multi update is not supported for replacement-style update' },
  ]);
});

test('positional $', () => {
  checkUpdates([
    { update: '{"$set": {"a.$": 9}}', document: '{"_id": 1, "a": [1, 2]}', position: 1, result: '{"_id": 1, "a": [1, 9]}' },
    { update: '{"$inc": {"a.$.b": 1}}', document: '{"_id": 1, "a": [{"b": 1}, {"b": 2}]}', position: 0, result: '{"_id": 1, "a": [{"b": 2}, {"b": 2}]}' },
    { update: '{"$set": {"a.$.b": 1, "a.0.c": 2}}', document: '{"_id": 1, "a": [{}]}', position: 0, result: '{"_id": 1, "a": [{"b": 1, "c": 2}]}' },
    { update: '{"$set": {"a.$.b": 1, "a.0.b": 2}}', document: '{"_id": 1, "a": [{}]}', position: 0, error: 40, text: "Update created a conflict at 'a.0.b'" },
    { update: '{"$set": {"a.$": 1, "a.0": 2}}', document: '{"_id": 1, "a": [{}]}', position: 0, error: 40, text: "Update created a conflict at 'a.0'" },
    { update: '{"$set": {"a.$": 1}}', document: '{"_id": 1, "a": [1]}', error: 2, text: 'The positional operator did not find the match needed from the query.' },
    { update: '{"$set": {"b.$": 1}}', position: 0, result: '{"_id": 1, "b": {"0": 1}}' },
    { update: '{"$unset": {"a.$": 1}}', document: '{"_id": 1, "a": [1, 2]}', position: 0, result: '{"_id": 1, "a": [null, 2]}' },
  ]);
});

test('$[] and $[identifier]', () => {
  checkUpdates([
    { update: '{"$inc": {"a.$[]": 1}}', document: '{"_id": 1, "a": [1, 2]}', result: '{"_id": 1, "a": [2, 3]}' },
    { update: '{"$set": {"a.$[].b": 1}}', document: '{"_id": 1, "a": [{}, {"b": 1}]}', result: '{"_id": 1, "a": [{"b": 1}, {"b": 1}]}' },
    { update: '{"$set": {"a.$[].b": 1}}', document: '{"_id": 1, "a": []}', unchanged: true },
    { update: '{"$inc": {"a.$[].b.$[]": 1}}', document: '{"_id": 1, "a": [{"b": [1]}, {"b": [2, 3]}]}', result: '{"_id": 1, "a": [{"b": [2]}, {"b": [3, 4]}]}' },
    { update: '{"$set": {"a.$[e]": 0}}', arrayFilters: '[{"e": {"$gte": 2}}]', document: '{"_id": 1, "a": [1, 2, 3]}', result: '{"_id": 1, "a": [1, 0, 0]}' },
    { update: '{"$set": {"a.$[e].q": 0}}', arrayFilters: '[{"e.q": {"$gte": 2}}]', document: '{"_id": 1, "a": [{"q": 1}, {"q": 2}]}', result: '{"_id": 1, "a": [{"q": 1}, {"q": 0}]}' },
    { update: '{"$set": {"a.$[e].q": 0}}', arrayFilters: '[{"$or": [{"e.q": 1}, {"e.r": 1}]}]', document: '{"_id": 1, "a": [{"q": 1}, {"r": 1}, {}]}', result: '{"_id": 1, "a": [{"q": 0}, {"r": 1, "q": 0}, {}]}' },
    { update: '{"$set": {"a.$[e].x": 1, "a.$[f].y": 2}}', arrayFilters: '[{"e.q": 1}, {"f.q": {"$gt": 0}}]', document: '{"_id": 1, "a": [{"q": 1}, {"q": 2}]}', result: '{"_id": 1, "a": [{"q": 1, "x": 1, "y": 2}, {"q": 2, "y": 2}]}' },
    { update: '{"$set": {"a.$[e]": 1, "a.$[f]": 2}}', arrayFilters: '[{"e": 1}, {"f": 1}]', document: '{"_id": 1, "a": [1]}', error: 40, text: "Update created a conflict at 'a.0'" },
    { update: '{"$set": {"a.$[]": 1}}', error: 2, text: "The path 'a' must exist in the document in order to apply array updates." },
    { update: '{"$set": {"a.b.$[].c": 1}}', document: '{"_id": 1, "a": {}}', error: 2, text: "The path 'a.b' must exist in the document in order to apply array updates." },
    { update: '{"$set": {"a.$[]": 1}}', document: '{"_id": 1, "a": 5}', error: 2, text: 'Cannot apply array updates to non-array element a: 5' },
    { update: '{"$set": {"a": 1}}', arrayFilters: '[{"e": 1}]', error: 9, text: "The array filter for identifier 'e' was not used in the update { $set: { a: 1 } }" },
    { update: '{"$set": {"a.$[e]": 1}}', arrayFilters: '[{"e": 1}, {"e": 2}]', error: 9, text: 'Found multiple array filters with the same top-level field name e' },
    { update: '{"$set": {"a.$[e]": 1}}', arrayFilters: '[{"e": 1, "f": 2}]', error: 9, text: "Error parsing array filter :: caused by :: Expected a single top-level field name, found 'e' and 'f'" },
    { update: '{"$set": {"a.$[E]": 1}}', arrayFilters: '[{"E": 1}]', error: 2, text: "Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found 'E'" },
    { update: '{"$set": {"a.$[e]": 1}}', arrayFilters: '[{}]', error: 9, text: 'Cannot use an expression without a top-level field name in arrayFilters' },
    { update: '{"$set": {"a.$[e]": 1}}', arrayFilters: '[{"$expr": true}]', error: 224 },
    { update: '{"$set": {"a.$[e]": 1}}', arrayFilters: '[{"e": {"$foo": 1}}]', error: 2 },
    { update: '[{"$set": {"a": 1}}]', arrayFilters: '[{"e": 1}]', error: 9, text: 'arrayFilters may not be specified for pipeline-style updates' },
  ]);
});

test('replacements', () => {
  checkUpdates([
    { update: '{"a": 1}', document: '{"_id": 1, "b": 2}', result: '{"_id": 1, "a": 1}' },
    { update: '{}', document: '{"_id": 1, "b": 2}', result: '{"_id": 1}' },
    { update: '{"a": 1, "_id": 1}', document: '{"_id": 1}', result: '{"_id": 1, "a": 1}' },
    { update: '{"_id": 1, "a": 1}', document: '{"_id": 1, "a": 1}', unchanged: true },
    { update: '{"_id": 2}', error: 66, text: "After applying the update, the (immutable) field '_id' was found to have been altered to _id: 2" },
    { update: '{"_id": [1]}', error: 53, text: "The '_id' value cannot be of type array" },
    { update: '{"a": 1, "$b": 1}', error: 52 },
    { update: '{"a": {"$b": 1}, "c.d": 1}', result: '{"_id": 1, "a": {"$b": 1}, "c.d": 1}' },
    { update: '{"t": {"$timestamp": {"t": 0, "i": 0}}, "u": [{"$timestamp": {"t": 0, "i": 0}}]}', result: '{"_id": 1, "t": {"$timestamp": {"t": 1700000000, "i": 1}}, "u": [{"$timestamp": {"t": 0, "i": 0}}]}' },
    { update: '{"_id": {"$x": 1}}', document: '{"_id": {"$x": 1}, "a": 1}', error: 52 },
    { update: '{"_id": {"$ref": "c", "$id": 1}}', document: '{"_id": {"$ref": "c", "$id": 1}, "a": 1}', result: '{"_id": {"$ref": "c", "$id": 1}}' },
  ]);
});

test('pipelines', () => {
  checkUpdates([
    { update: '[{"$set": {"a": {"$add": ["$b", 1]}}}]', document: '{"_id": 1, "b": 1}', result: '{"_id": 1, "b": 1, "a": 2}' },
    { update: '[{"$set": {"a": 1}}, {"$unset": "b"}]', document: '{"_id": 1, "b": 1}', result: '{"_id": 1, "a": 1}' },
    { update: '[{"$replaceWith": {"x": "$b"}}]', document: '{"_id": 1, "b": 1}', result: '{"_id": 1, "x": 1}' },
    { update: '[{"$project": {"b": 1, "_id": 0}}]', document: '{"_id": 1, "b": 1, "c": 2}', result: '{"_id": 1, "b": 1}' },
    { update: '[{"$set": {"b": 1}}]', document: '{"_id": 1, "b": 1}', unchanged: true },
    { update: '[]', unchanged: true },
    { update: '[{"$set": {"_id": 2}}]', error: 66 },
    { update: '[{"$match": {}}]', error: 72, text: '$match is not allowed to be used within an update' },
    ...['{"$sort": {"a": 1}}', '{"$facet": {"a": [{"$match": {}}]}}', '{"$bucket": {"groupBy": "$a", "boundaries": [0, 1], "default": "z"}}', '{"$indexStats": {}}', '{"$out": "o"}', '{"$merge": "o"}', '{"$unionWith": "o"}',
      '{"$lookup": {"from": "o", "as": "b", "localField": "a", "foreignField": "c"}}', '{"$graphLookup": {"from": "o", "startWith": "$a", "connectFromField": "a", "connectToField": "b", "as": "c"}}', '{"$collStats": {}}', '{"$documents": []}',
    ].map((stage) => ({ update: `[${stage}]`, error: 72 })),
    { update: '[{"$nope": {}}]', error: 40_324 },
    { update: '[1]', error: 14 },
    { update: '[{"$set": {"a": 1}, "$unset": "b"}]', error: 40_323 },
  ]);
});

test('pipelines: constants', () => {
  const update = parseUpdate(read('[{"$set": {"a": "$$by"}}]'), { multi: false, constants: read('{"by": 7}') as Document });
  const { document } = applyUpdate(update, new Map([['_id', 'k']]), { now });
  assert.equal(toExtendedJson(document), toExtendedJson(read('{"_id": "k", "a": 7}') as Document));
  assert.throws(() => parseUpdate(read('{"$set": {"a": 1}}'), { multi: false, constants: new Map() }), (error) => error instanceof DocumentError && error.number === 51_198);
});

test('positional $: the position is found by the filter where it is not given', () => {
  const filter = parseFilter(read('{"a.b": {"$gt": 1}}') as Document);
  const update = parseUpdate(read('{"$set": {"a.$.c": 1}}'), { multi: false });
  const { document } = applyUpdate(update, read('{"_id": 1, "a": [{"b": 1}, {"b": 2}]}') as Document, { now, filter });
  assert.equal(toExtendedJson(document), toExtendedJson(read('{"_id": 1, "a": [{"b": 1}, {"b": 2, "c": 1}]}') as Document));
});

test('what is not changed is shared with the original', () => {
  const update = parseUpdate(read('{"$set": {"a.b": 1}}'), { multi: false });
  const before = read('{"_id": 1, "a": {"b": 0, "c": {}}, "d": []}') as Document;
  const { document } = applyUpdate(update, before, { now });
  assert.equal(document.get('d'), before.get('d'));
  assert.equal((document.get('a') as Document).get('c'), (before.get('a') as Document).get('c'));
  const same = applyUpdate(update, document, { now });
  assert.equal(same.document, document);
});

test('parsed operators are plain data for a planner', () => {
  const update = parseUpdate(read('{"$set": {"a.b": 1}, "$inc": {"c": 2}}'), { multi: true });
  assert.equal(update.kind, 'operators');
  assert.deepEqual(update.modifiers.map(({ operator, path }) => [operator, path]), [['$set', ['a', 'b']], ['$inc', ['c']]]);
});
