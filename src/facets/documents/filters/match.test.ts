import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimalFromString } from '../../../values/bson/decimal.ts';
import {
  Binary, BsonSymbol, bsonUndefined, Code, DateTime, maxKey, minKey, ObjectId, RegularExpression, Timestamp, type Decimal128,
} from '../../../values/bson/types.ts';
import { compileFilter, matchWithPosition } from './match.ts';
import { parseFilter } from './parse-filter.ts';
import { Double, toDocument } from './plain-values.ts';

type Case = readonly [filter: object, document: object, matches: boolean];

function check(cases: readonly Case[]): void {
  for (const [filter, document, matches] of cases) {
    const text = `${print(filter)} on ${print(document)}`;
    const matching = compileFilter(parseFilter(toDocument(filter)));
    assert.equal(matching(toDocument(document)), matches, text);
    assert.equal(matchWithPosition(parseFilter(toDocument(filter)), toDocument(document)).matched, matches, `${text}, with position`);
  }
}

function print(value: object): string {
  return JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? `${field}n` : field === undefined ? 'undefined' : field instanceof RegExp ? String(field) : field));
}

function decimal(text: string): Decimal128 {
  return decimalFromString(text)!;
}

const id = (last: number): ObjectId => new ObjectId(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]));

test('equality: numbers of every type, and only values of the same kind', () => {
  check([
    [{ a: 1 }, { a: 1 }, true],
    [{ a: 1 }, { a: new Double(1) }, true],
    [{ a: 1 }, { a: 1n }, true],
    [{ a: 1 }, { a: decimal('1.00') }, true],
    [{ a: 1n }, { a: 1 }, true],
    [{ a: decimal('1.5') }, { a: 1.5 }, true],
    [{ a: decimal('0.1') }, { a: 0.1 }, false],
    [{ a: 9007199254740993n }, { a: 9007199254740992 }, false],
    [{ a: 9007199254740993n }, { a: 9007199254740993n }, true],
    [{ a: -0 }, { a: 0 }, true],
    [{ a: Number.NaN }, { a: Number.NaN }, true],
    [{ a: Number.NaN }, { a: decimal('NaN') }, true],
    [{ a: Number.NaN }, { a: 1 }, false],
    [{ a: Infinity }, { a: Infinity }, true],
    [{ a: 1 }, { a: true }, false],
    [{ a: 1 }, { a: '1' }, false],
    [{ a: 'x' }, { a: 'x' }, true],
    [{ a: 'x' }, { a: new BsonSymbol('x') }, true],
    [{ a: new BsonSymbol('x') }, { a: 'x' }, true],
    [{ a: '' }, {}, false],
    [{ a: true }, { a: true }, true],
    [{ a: false }, { a: 0 }, false],
    [{ a: new Date(5) }, { a: new Date(5) }, true],
    [{ a: new Date(5) }, { a: new Timestamp(5n) }, false],
    [{ a: new Timestamp(5n) }, { a: new Timestamp(5n) }, true],
    [{ a: id(1) }, { a: id(1) }, true],
    [{ a: id(1) }, { a: id(2) }, false],
    [{ a: new Binary(Uint8Array.of(1), 0) }, { a: new Binary(Uint8Array.of(1), 0) }, true],
    [{ a: new Binary(Uint8Array.of(1), 0) }, { a: new Binary(Uint8Array.of(1), 4) }, false],
    [{ a: new Code('x') }, { a: 'x' }, false],
    [{ a: minKey }, { a: minKey }, true],
    [{ a: minKey }, { a: 1 }, false],
    [{ a: maxKey }, { a: maxKey }, true],
    [{ a: { b: 1, c: 2 } }, { a: { b: 1, c: 2 } }, true],
    [{ a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }, false],
    [{ a: { b: 1 } }, { a: { b: 1, c: 2 } }, false],
    [{ a: { b: 1 } }, { a: { b: 1n } }, true],
    [{ a: {} }, { a: {} }, true],
    [{ a: { $eq: { $x: 1 } } }, { a: { $x: 1 } }, true],
    [{ a: { $eq: /x/ } }, { a: 'x' }, false],
    [{ a: { $eq: /x/ } }, { a: /x/ }, true],
    [{ a: { $ref: 'c', $id: 1 } }, { a: { $ref: 'c', $id: 1 } }, true],
    [{}, { a: 1 }, true],
    [{}, {}, true],
    [{ a: 1, b: 2 }, { a: 1, b: 2 }, true],
    [{ a: 1, b: 2 }, { a: 1, b: 3 }, false],
    [{ '': 1 }, { '': 1 }, true],
  ]);
});

test('null stands for null, undefined and missing', () => {
  check([
    [{ a: null }, { a: null }, true],
    [{ a: null }, {}, true],
    [{ a: null }, { a: bsonUndefined }, true],
    [{ a: null }, { a: 0 }, false],
    [{ a: null }, { a: [] }, false],
    [{ a: null }, { a: [null] }, true],
    [{ a: null }, { a: [bsonUndefined] }, true],
    [{ 'a.b': null }, { a: 5 }, true],
    [{ 'a.b': null }, { a: {} }, true],
    [{ 'a.b': null }, { a: [] }, false],
    [{ 'a.b': null }, { a: [1, 2] }, false],
    [{ 'a.b': null }, { a: [{ b: 1 }, {}] }, true],
    [{ 'a.b': null }, { a: [{ b: 1 }] }, false],
    [{ a: { $ne: null } }, {}, false],
    [{ a: { $ne: null } }, { a: bsonUndefined }, false],
    [{ a: { $ne: null } }, { a: 0 }, true],
    [{ a: { $gte: null } }, {}, true],
    [{ a: { $lte: null } }, { a: null }, true],
    [{ a: { $lte: null } }, { a: bsonUndefined }, true],
    [{ a: { $gt: null } }, { a: null }, false],
    [{ a: { $lt: null } }, {}, false],
    [{ a: { $in: [null] } }, {}, true],
    [{ a: { $in: [null, 1] } }, { a: bsonUndefined }, true],
    [{ a: { $in: [1] } }, {}, false],
    [{ a: { $nin: [null] } }, {}, false],
    [{ a: { $nin: [1] } }, {}, true],
    [{ a: { $not: { $gte: null } } }, { a: 1 }, true],
  ]);
});

test('order is of values of one kind', () => {
  check([
    [{ a: { $gt: 1 } }, { a: 2 }, true],
    [{ a: { $gt: 1 } }, { a: 1 }, false],
    [{ a: { $gte: 1 } }, { a: 1 }, true],
    [{ a: { $lt: 1 } }, { a: 0 }, true],
    [{ a: { $lt: 1 } }, { a: -1n }, true],
    [{ a: { $lt: 1 } }, { a: decimal('0.99') }, true],
    [{ a: { $lt: decimal('1') } }, { a: 0.5 }, true],
    [{ a: { $lt: 1 } }, { a: 'x' }, false],
    [{ a: { $lt: 1 } }, {}, false],
    [{ a: { $lt: 1 } }, { a: null }, false],
    [{ a: { $gt: 'a' } }, { a: 'b' }, true],
    [{ a: { $gt: 'a' } }, { a: 5 }, false],
    [{ a: { $gt: '\u{ffff}' } }, { a: '\u{10000}' }, true],
    [{ a: { $gt: false } }, { a: true }, true],
    [{ a: { $gt: new Date(1) } }, { a: new Date(2) }, true],
    [{ a: { $gt: new Date(1) } }, { a: new Timestamp(2n << 32n) }, false],
    [{ a: { $gt: new Timestamp(1n) } }, { a: new Timestamp(2n) }, true],
    [{ a: { $gt: id(1) } }, { a: id(2) }, true],
    [{ a: { $gt: { b: 1 } } }, { a: { b: 2 } }, true],
    [{ a: { $gt: {} } }, { a: { b: 2 } }, true],
    [{ a: { $gt: [1] } }, { a: [2] }, true],
    [{ a: { $gt: [1] } }, { a: 2 }, false],
    [{ a: { $gt: Number.NaN } }, { a: 1 }, false],
    [{ a: { $gte: Number.NaN } }, { a: Number.NaN }, true],
    [{ a: { $gt: Number.NaN } }, { a: Number.NaN }, false],
    [{ a: { $lt: 1 } }, { a: Number.NaN }, false],
    [{ a: { $lt: 1n } }, { a: Number.NaN }, false],
    [{ a: { $lte: Infinity } }, { a: Number.NaN }, false],
    [{ a: { $lt: Infinity } }, { a: 1 }, true],
    [{ a: { $gt: -Infinity } }, { a: -1e308 }, true],
    [{ a: { $gt: 1, $lt: 3 } }, { a: 2 }, true],
    [{ a: { $gt: 1, $lt: 3 } }, { a: 3 }, false],
    // Different elements may satisfy the two.
    [{ a: { $gt: 1, $lt: 3 } }, { a: [0, 5] }, true],
  ]);
});

test('MinKey and MaxKey compare with every type, and with missing', () => {
  check([
    [{ a: { $gt: minKey } }, { a: 1 }, true],
    [{ a: { $gt: minKey } }, {}, true],
    [{ a: { $gt: minKey } }, { a: minKey }, false],
    [{ a: { $gte: minKey } }, { a: minKey }, true],
    [{ a: { $lt: minKey } }, { a: 1 }, false],
    [{ a: { $lt: maxKey } }, { a: 'x' }, true],
    [{ a: { $lte: maxKey } }, { a: maxKey }, true],
    [{ a: { $gt: maxKey } }, { a: 1 }, false],
    [{ a: { $lt: maxKey } }, { a: minKey }, true],
  ]);
});

test('paths go through arrays', () => {
  check([
    [{ a: 1 }, { a: [1, 2] }, true],
    [{ a: 3 }, { a: [1, 2] }, false],
    [{ a: [1, 2] }, { a: [1, 2] }, true],
    [{ a: [2, 1] }, { a: [1, 2] }, false],
    [{ a: [1, 2] }, { a: [[1, 2], 3] }, true],
    [{ a: [] }, { a: [] }, true],
    [{ a: 1 }, { a: [[1]] }, false],
    [{ 'a.b': 1 }, { a: { b: 1 } }, true],
    [{ 'a.b': 1 }, { a: [{ b: 1 }] }, true],
    [{ 'a.b': 1 }, { a: [{ b: [1] }] }, true],
    [{ 'a.b': 1 }, { a: [[{ b: 1 }]] }, false],
    [{ 'a.b.c': 1 }, { a: [{ b: [{ c: 1 }] }] }, true],
    [{ 'a.0': 1 }, { a: [1, 2] }, true],
    [{ 'a.1': 1 }, { a: [1, 2] }, false],
    [{ 'a.0': 1 }, { a: { 0: 1 } }, true],
    [{ 'a.0': 1 }, { a: [{ 0: 1 }] }, true],
    [{ 'a.00': 1 }, { a: [1] }, false],
    [{ 'a.0.b': 1 }, { a: [{ b: 1 }] }, true],
    [{ 'a.1.b': 1 }, { a: [{ b: 1 }] }, false],
    [{ 'a.0.0': 1 }, { a: [[1]] }, true],
    [{ 'a.0': [1] }, { a: [[1]] }, true],
    // An array reached by its index is not gone through.
    [{ 'a.0': 1 }, { a: [[1]] }, false],
    [{ 'a.0.b': 1 }, { a: [[{ b: 1 }]] }, true],
    [{ 'a.b.0': 1 }, { a: [{ b: [1] }] }, true],
    [{ 'a.5': null }, { a: [1] }, false],
    [{ 'a.b': { $exists: true } }, { a: [{ c: 1 }, { b: null }] }, true],
    [{ 'a.b': { $ne: 1 } }, { a: [{ b: 1 }, { b: 2 }] }, false],
    [{ 'a..b': 1 }, { a: { '': { b: 1 } } }, true],
  ]);
});

test('$in and $nin', () => {
  const many = Array.from({ length: 20 }, (_, index) => index);
  check([
    [{ a: { $in: [1, 2] } }, { a: 2 }, true],
    [{ a: { $in: [1, 2] } }, { a: new Double(2) }, true],
    [{ a: { $in: [1, 2] } }, { a: [5, 2] }, true],
    [{ a: { $in: [] } }, { a: 1 }, false],
    [{ a: { $nin: [] } }, { a: 1 }, true],
    [{ a: { $in: many } }, { a: decimal('19.0') }, true],
    [{ a: { $in: many } }, { a: 20n }, false],
    [{ a: { $in: [...many, 'x', new BsonSymbol('s')] } }, { a: 'x' }, true],
    [{ a: { $in: [...many, 'x', new BsonSymbol('s')] } }, { a: 's' }, true],
    [{ a: { $in: [...many, 'x'] } }, { a: new BsonSymbol('x') }, true],
    [{ a: { $in: [...many, Number.NaN] } }, { a: decimal('NaN') }, true],
    [{ a: { $in: [[1, 2]] } }, { a: [1, 2] }, true],
    [{ a: { $in: [[]] } }, { a: [] }, true],
    [{ a: { $in: [/^x/] } }, { a: 'xy' }, true],
    [{ a: { $in: [/^x/, 1] } }, { a: 1 }, true],
    [{ a: { $in: [/^x/] } }, { a: 'y' }, false],
    [{ a: { $nin: [/^x/] } }, { a: 'xy' }, false],
    [{ a: { $nin: [1, 2] } }, { a: [3, 2] }, false],
    [{ a: { $in: [{ $ref: 'c', $id: 1 }] } }, { a: { $ref: 'c', $id: 1 } }, true],
    [{ a: { $in: [minKey] } }, { a: minKey }, true],
    [{ a: { $in: [minKey] } }, { a: 1 }, false],
  ]);
});

test('logic', () => {
  check([
    [{ $and: [{ a: 1 }, { b: 2 }] }, { a: 1, b: 2 }, true],
    [{ $and: [{ a: 1 }, { b: 2 }] }, { a: 1 }, false],
    [{ $and: [{}] }, {}, true],
    [{ $or: [{ a: 1 }, { b: 2 }] }, { b: 2 }, true],
    [{ $or: [{ a: 1 }, { b: 2 }] }, {}, false],
    [{ $nor: [{ a: 1 }, { b: 2 }] }, {}, true],
    [{ $nor: [{ a: 1 }, { b: 2 }] }, { b: 2 }, false],
    [{ a: { $not: { $gt: 1 } } }, { a: 1 }, true],
    [{ a: { $not: { $gt: 1 } } }, {}, true],
    [{ a: { $not: { $gt: 1 } } }, { a: [0, 2] }, false],
    [{ a: { $not: /x/ } }, { a: 'x' }, false],
    [{ a: { $not: /x/ } }, { a: 1 }, true],
    [{ a: { $not: { $regex: 'x', $options: 'i' } } }, { a: 'X' }, false],
    [{ a: { $not: { $not: { $eq: 1 } } } }, { a: 1 }, true],
    [{ a: { $ne: 1 } }, { a: [1, 2] }, false],
    [{ a: { $ne: 1 } }, {}, true],
    [{ $comment: { any: 'thing' }, a: 1 }, { a: 1 }, true],
    [{ $alwaysTrue: 1 }, {}, true],
    [{ $alwaysFalse: 1 }, {}, false],
    [{ $sampleRate: 0 }, {}, false],
    [{ $sampleRate: 1 }, {}, true],
    [{ $id: 1 }, { $id: 1 }, true],
  ]);
});

test('$exists and $type', () => {
  check([
    [{ a: { $exists: true } }, { a: null }, true],
    [{ a: { $exists: true } }, {}, false],
    [{ a: { $exists: false } }, {}, true],
    [{ a: { $exists: 0 } }, {}, true],
    [{ a: { $exists: null } }, {}, true],
    [{ a: { $exists: 'x' } }, { a: 1 }, true],
    [{ a: { $exists: true } }, { a: [] }, true],
    [{ 'a.b': { $exists: false } }, { a: [1] }, true],
    [{ a: { $type: 'int' } }, { a: 1 }, true],
    [{ a: { $type: 16 } }, { a: 1 }, true],
    [{ a: { $type: new Double(16) } }, { a: 1 }, true],
    [{ a: { $type: 'double' } }, { a: 1 }, false],
    [{ a: { $type: 'number' } }, { a: 1n }, true],
    [{ a: { $type: 'number' } }, { a: decimal('1') }, true],
    [{ a: { $type: ['string', 8] } }, { a: true }, true],
    [{ a: { $type: 'array' } }, { a: [] }, true],
    [{ a: { $type: 'array' } }, { a: 1 }, false],
    [{ a: { $type: 'string' } }, { a: [1, 'x'] }, true],
    [{ a: { $type: 'null' } }, {}, false],
    [{ a: { $type: 'null' } }, { a: null }, true],
    [{ a: { $type: 'undefined' } }, { a: bsonUndefined }, true],
    [{ a: { $type: -1 } }, { a: minKey }, true],
    [{ a: { $type: 127 } }, { a: maxKey }, true],
    [{ a: { $type: 'date' } }, { a: new DateTime(1n) }, true],
    [{ a: { $type: 'regex' } }, { a: /x/ }, true],
    [{ a: { $type: 'binData' } }, { a: new Binary(new Uint8Array(), 0) }, true],
  ]);
});

test('$regex', () => {
  check([
    [{ a: /b/ }, { a: 'abc' }, true],
    [{ a: /B/ }, { a: 'abc' }, false],
    [{ a: /B/i }, { a: 'abc' }, true],
    [{ a: /b/ }, { a: ['x', 'abc'] }, true],
    [{ a: /b/ }, { a: new BsonSymbol('abc') }, true],
    [{ a: /b/ }, { a: 1 }, false],
    [{ a: /b/ }, {}, false],
    [{ a: /b/ }, { a: /b/ }, true],
    [{ a: /b/ }, { a: new RegularExpression('b', 'i') }, false],
    [{ a: { $regex: 'b' } }, { a: 'abc' }, true],
    [{ a: { $regex: 'B', $options: 'i' } }, { a: 'abc' }, true],
    [{ a: { $options: 'i', $regex: 'B' } }, { a: 'abc' }, true],
    [{ a: { $regex: /B/, $options: 'i' } }, { a: 'abc' }, true],
    [{ a: { $regex: '^b', $options: 'm' } }, { a: 'a\nb' }, true],
    [{ a: { $regex: 'a.b', $options: 's' } }, { a: 'a\nb' }, true],
    [{ a: { $regex: 'b', $ne: 'abc' } }, { a: 'abc' }, false],
  ]);
});

test('$mod', () => {
  check([
    [{ a: { $mod: [4, 0] } }, { a: 8 }, true],
    [{ a: { $mod: [4, 1] } }, { a: 8 }, false],
    [{ a: { $mod: [4, 1] } }, { a: 5.9 }, true],
    [{ a: { $mod: [4, -1] } }, { a: -5 }, true],
    [{ a: { $mod: [4, 3] } }, { a: -5 }, false],
    [{ a: { $mod: [-4, 1] } }, { a: 5 }, true],
    [{ a: { $mod: [4.9, 1.9] } }, { a: 5 }, true],
    [{ a: { $mod: [4, 0] } }, { a: -8 }, true],
    [{ a: { $mod: [4, 1] } }, { a: decimal('5.7') }, true],
    [{ a: { $mod: [4, 1] } }, { a: 9007199254740993n }, true],
    [{ a: { $mod: [9007199254740993n, 0] } }, { a: 9007199254740993n }, true],
    [{ a: { $mod: [4, 0] } }, { a: Number.NaN }, false],
    [{ a: { $mod: [4, 0] } }, { a: Infinity }, false],
    [{ a: { $mod: [4, 0] } }, { a: 1e300 }, false],
    [{ a: { $mod: [4, 0] } }, { a: '8' }, false],
    [{ a: { $mod: [4, 0] } }, {}, false],
    [{ a: { $mod: [4, 0] } }, { a: [1, 8] }, true],
  ]);
});

test('arrays: $size, $all and $elemMatch', () => {
  check([
    [{ a: { $size: 2 } }, { a: [1, 2] }, true],
    [{ a: { $size: 0 } }, { a: [] }, true],
    [{ a: { $size: 0 } }, {}, false],
    [{ a: { $size: 1 } }, { a: [[1, 2]] }, true],
    [{ a: { $size: 2 } }, { a: [[1, 2]] }, false],
    [{ 'a.b': { $size: 1 } }, { a: [{ b: [] }, { b: [1] }] }, true],
    [{ 'a.0': { $size: 2 } }, { a: [[1, 2]] }, true],
    [{ a: { $all: [1, 2] } }, { a: [2, 3, 1] }, true],
    [{ a: { $all: [1, 2] } }, { a: [1] }, false],
    [{ a: { $all: [1] } }, { a: 1 }, true],
    [{ a: { $all: [] } }, { a: [] }, false],
    [{ a: { $all: [[1, 2]] } }, { a: [1, 2] }, true],
    [{ a: { $all: [null] } }, {}, true],
    [{ a: { $all: [/^x/, /y$/] } }, { a: ['xa', 'by'] }, true],
    [{ a: { $all: [{ $elemMatch: { b: 1 } }, { $elemMatch: { c: 1 } }] } }, { a: [{ b: 1 }, { c: 1 }] }, true],
    [{ a: { $all: [{ $elemMatch: { b: 1 } }, { $elemMatch: { c: 2 } }] } }, { a: [{ b: 1 }, { c: 1 }] }, false],
    [{ a: { $elemMatch: { $gt: 1, $lt: 3 } } }, { a: [0, 2] }, true],
    [{ a: { $elemMatch: { $gt: 1, $lt: 3 } } }, { a: [0, 5] }, false],
    [{ a: { $elemMatch: { $gt: 1 } } }, { a: 2 }, false],
    [{ a: { $elemMatch: { b: 1, c: 2 } } }, { a: [{ b: 1, c: 2 }] }, true],
    [{ a: { $elemMatch: { b: 1, c: 2 } } }, { a: [{ b: 1 }, { c: 2 }] }, false],
    [{ a: { $elemMatch: { $or: [{ b: 1 }, { c: 2 }] } } }, { a: [{ c: 2 }] }, true],
    [{ a: { $elemMatch: { $not: { $gt: 1 } } } }, { a: [5, 1] }, true],
    [{ a: { $elemMatch: { $in: [2] } } }, { a: [1, 2] }, true],
    [{ a: { $elemMatch: { $elemMatch: { $gt: 1 } } } }, { a: [[2]] }, true],
    [{ a: { $elemMatch: { $elemMatch: { $gt: 1 } } } }, { a: [2] }, false],
    [{ a: { $elemMatch: { $size: 1 } } }, { a: [[2]] }, true],
    [{ a: { $elemMatch: { 0: 2 } } }, { a: [[2]] }, true],
    [{ a: { $elemMatch: {} } }, { a: [1] }, false],
    [{ a: { $elemMatch: {} } }, { a: [{}] }, true],
    [{ a: { $elemMatch: { b: null } } }, { a: [{ c: 1 }] }, true],
    [{ 'a.b': { $elemMatch: { $eq: 1 } } }, { a: [{ b: [1] }] }, true],
    [{ a: { $not: { $elemMatch: { b: 1 } } } }, { a: [{ b: 2 }] }, true],
    [{ a: { $elemMatch: { $ref: 'c' } } }, { a: [{ $ref: 'c', $id: 1 }] }, true],
    [{ a: { $elemMatch: { $eq: null } } }, { a: [null] }, true],
    [{ a: { $elemMatch: { $exists: false } } }, { a: [1] }, false],
  ]);
});

test('bits', () => {
  const bytes = (...values: number[]): Binary => new Binary(Uint8Array.from(values), 0);
  check([
    [{ a: { $bitsAllSet: 6 } }, { a: 7 }, true],
    [{ a: { $bitsAllSet: 6 } }, { a: 5 }, false],
    [{ a: { $bitsAllSet: [1, 2] } }, { a: 6 }, true],
    [{ a: { $bitsAllSet: [] } }, { a: 0 }, true],
    [{ a: { $bitsAnySet: [] } }, { a: 7 }, false],
    [{ a: { $bitsAnySet: 6 } }, { a: 4 }, true],
    [{ a: { $bitsAnySet: 6 } }, { a: 9 }, false],
    [{ a: { $bitsAllClear: 6 } }, { a: 9 }, true],
    [{ a: { $bitsAllClear: 6 } }, { a: 4 }, false],
    [{ a: { $bitsAnyClear: 6 } }, { a: 4 }, true],
    [{ a: { $bitsAnyClear: 6 } }, { a: 6 }, false],
    [{ a: { $bitsAllSet: [0, 63, 200] } }, { a: -1 }, true],
    [{ a: { $bitsAllSet: [200] } }, { a: 1 }, false],
    [{ a: { $bitsAllSet: 1 } }, { a: new Double(3) }, true],
    [{ a: { $bitsAllSet: 1 } }, { a: 1.5 }, false],
    [{ a: { $bitsAllSet: 1 } }, { a: decimal('3') }, true],
    [{ a: { $bitsAllSet: 4 } }, { a: decimal('3.5') }, true],
    [{ a: { $bitsAllSet: 2 } }, { a: decimal('2.5') }, true],
    [{ a: { $bitsAnySet: 2 ** 31 - 1 } }, { a: decimal('NaN') }, false],
    [{ a: { $bitsAllSet: [63] } }, { a: decimal('NaN') }, true],
    [{ a: { $bitsAllSet: [63] } }, { a: decimal('1E+30') }, true],
    [{ a: { $bitsAllClear: 1 } }, { a: Number.NaN }, false],
    [{ a: { $bitsAllClear: 1 } }, { a: 1e19 }, false],
    [{ a: { $bitsAllClear: 1 } }, { a: 'x' }, false],
    [{ a: { $bitsAllClear: 1 } }, {}, false],
    [{ a: { $bitsAllSet: bytes(3) } }, { a: 7 }, true],
    [{ a: { $bitsAllSet: [9] } }, { a: bytes(0, 2) }, true],
    [{ a: { $bitsAllSet: [20] } }, { a: bytes(0, 2) }, false],
    [{ a: { $bitsAllClear: [20] } }, { a: bytes(0, 2) }, true],
    [{ a: { $bitsAllSet: 2 } }, { a: [1, 2] }, true],
  ]);
});

test('$expr', () => {
  check([
    [{ $expr: true }, {}, true],
    [{ $expr: '$a' }, { a: 1 }, true],
    [{ $expr: '$a' }, { a: 0 }, false],
    [{ $expr: '$a' }, {}, false],
    [{ $expr: { $eq: ['$a', '$b'] } }, { a: 1, b: 1 }, true],
    [{ $expr: { $gt: ['$a', '$b'] } }, { a: 1, b: 1 }, false],
  ]);
});

test('the position in the array that matched', () => {
  const cases: readonly (readonly [filter: object, document: object, position: number | undefined])[] = [
    [{ a: 2 }, { a: [1, 2, 2] }, 1],
    [{ a: 2 }, { a: 2 }, undefined],
    [{ a: [1, 2] }, { a: [1, 2] }, undefined],
    [{ 'a.b': 2 }, { a: [{ b: 1 }, { b: [0, 0, 2] }] }, 1],
    [{ 'a.1': 2 }, { a: [1, 2] }, undefined],
    [{ 'a.0.b': 2 }, { a: [{ b: [1, 2] }] }, 1],
    [{ a: { $elemMatch: { $gt: 1 } } }, { a: [1, 5] }, 1],
    [{ a: { $elemMatch: { b: 2 } } }, { a: [{ b: 1 }, { b: 2 }] }, 1],
    [{ 'a.b': { $elemMatch: { $eq: 3 } } }, { a: [{ b: [] }, { b: [3] }] }, 1],
    [{ a: { $gt: 0 }, b: 5 }, { a: [1], b: [4, 5] }, 0],
    [{ b: 5, a: { $gt: 0 } }, { a: [1], b: [4, 5] }, 0],
    [{ b: 5, a: 1 }, { a: [1], b: [4, 5] }, 1],
    [{ b: 5, $and: [{ a: 1 }] }, { a: [1], b: [4, 5] }, 1],
    [{ $and: [{ a: 3 }, { a: 2 }] }, { a: [1, 2, 3] }, 1],
    [{ b: 5, a: { $elemMatch: { $eq: 1 } } }, { a: [1], b: [4, 5] }, 1],
    [{ $or: [{ a: 9 }, { b: 5 }] }, { a: [1], b: [4, 5] }, undefined],
    [{ $or: [{ b: { $gt: 4 } }, { b: 9 }] }, { b: [4, 5] }, undefined],
    [{ $or: [{ b: { $gt: 4 } }] }, { b: [4, 5] }, 1],
    [{ $or: [{ b: 9 }, { b: 5 }] }, { b: [4, 5] }, 1],
    [{ $or: [{ b: { $in: [9] } }, { b: /x/ }, { b: 5 }] }, { b: [4, 5] }, 1],
    [{ a: { $ne: 9 } }, { a: [1] }, undefined],
    [{ $nor: [{ a: 9 }] }, { a: [1] }, undefined],
    [{ a: { $size: 1 } }, { a: [1] }, undefined],
    [{ a: { $in: [2] } }, { a: [1, 2] }, 1],
  ];
  for (const [filter, document, position] of cases) {
    const result = matchWithPosition(parseFilter(toDocument(filter)), toDocument(document));
    assert.deepEqual(result, { matched: true, position }, `${print(filter)} on ${print(document)}`);
  }
  assert.deepEqual(matchWithPosition(parseFilter(toDocument({ a: 1, b: 2 })), toDocument({ a: [1] })), { matched: false, position: undefined });
});
