import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimalFromString } from '../../../values/bson/decimal.ts';
import { bsonUndefined } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { newParseContext } from '../expressions/context.ts';
import { equalitiesOf } from './equalities.ts';
import type { FilterFeatures } from './filter-features.ts';
import { parseFilter } from './parse-filter.ts';
import { Double, toDocument, toPlain } from './plain-values.ts';
import { unsupportedOperators } from './unsupported.ts';

type Case = readonly [filter: object, number: number, text?: string];

function refuses(cases: readonly Case[], features: FilterFeatures = 'all'): void {
  for (const [filter, number, text] of cases) {
    const description = JSON.stringify(filter, (_, field: unknown) => (typeof field === 'bigint' ? `${field}n` : field));
    assert.throws(
      () => parseFilter(toDocument(filter), newParseContext(), features),
      (error) => {
        assert.ok(error instanceof DocumentError, description);
        assert.equal(error.number, number, `${description}: ${error.details}`);
        if (text !== undefined) assert.equal(error.details, text, description);
        return true;
      },
      description,
    );
  }
}

const getFieldHint = "If you have a field name that starts with a '$' symbol, consider using $getField or $setField.";

test('operators in the wrong place, or unknown', () => {
  refuses([
    [{ $x: 1 }, 2, `unknown top level operator: $x. ${getFieldHint}`],
    [{ $gt: 1 }, 2, `unknown top level operator: $gt. ${getFieldHint}`],
    [{ $not: { a: 1 } }, 2, 'unknown top level operator: $not. If you are trying to negate an entire expression, use $nor.'],
    [{ a: { $foo: 1 } }, 2, 'unknown operator: $foo'],
    [{ a: { $gt: 1, b: 2 } }, 2, 'unknown operator: b'],
    [{ a: { $id: 1 } }, 2, 'unknown operator: $id'],
    [{ a: { $comment: 'x' } }, 2, 'unknown operator: $comment'],
    [{ a: { $and: [] } }, 2, 'unknown operator: $and'],
    [{ a: { $where: 'x' } }, 2, '$where cannot be applied to a field'],
    [{ [Array.from({ length: 181 }, () => 'a').join('.')]: 1 }, 5729100, 'FieldPath is too long'],
  ]);
});

test('logical operators', () => {
  refuses([
    [{ $and: 1 }, 2, '$and must be an array'],
    [{ $or: {} }, 2, '$or must be an array'],
    [{ $nor: [] }, 2, '$and/$or/$nor must be a nonempty array'],
    [{ $or: [1] }, 2, '$or/$and/$nor entries need to be full objects'],
    [{ a: { $not: 1 } }, 2, '$not needs a regex or a document'],
    [{ a: { $not: [] } }, 2, '$not needs a regex or a document'],
    [{ a: { $not: {} } }, 2, '$not cannot be empty'],
    [{ a: { $not: { b: 1 } } }, 2, 'unknown operator: b'],
    [{ $alwaysTrue: 2 }, 9, '$alwaysTrue must be an integer value of 1'],
    [{ $alwaysFalse: 'x' }, 9, 'Expected a number in: $alwaysFalse: "x"'],
    [{ $sampleRate: 'x' }, 2, 'argument to $sampleRate must be a numeric type'],
    [{ $sampleRate: 1.1 }, 2, 'numeric argument to $sampleRate must be in [0, 1]'],
    [{ $sampleRate: Number.NaN }, 2, 'numeric argument to $sampleRate must be in [0, 1]'],
    [{ a: { $elemMatch: { $sampleRate: 1 } } }, 2],
    [{ a: { $elemMatch: { $expr: true } } }, 2, '$expr can only be applied to the top-level document'],
    [{ $expr: { $noSuch: 1 } }, 168],
  ]);
  refuses([
    [{ $expr: true }, 224, '$expr is not allowed in this context'],
    [{ $jsonSchema: {} }, 224, '$jsonSchema is not allowed in this context'],
    [{ $text: { $search: 'x' } }, 2, '$text is not allowed in this context'],
    [{ $where: 'x' }, 2, '$where is not allowed in this context'],
    [{ a: { $near: [0, 0] } }, 5_626_500],
  ], 'fields');
  refuses([[{ $where: 'x' }, 2], [{ a: { $near: [0, 0] } }, 5_626_500], [{ $text: { $search: 'x' } }, 27]], 'firstStage');
  refuses([[{ $text: { $search: 'x' } }, 17313, '$match with $text is only allowed as the first pipeline stage']], 'laterStage');
  refuses([[{ $where: 'x' }, 2], [{ a: { $near: [0, 0] } }, 5_626_500], [{ $text: { $search: 'x' } }, 2]], 'search');
});

test('comparisons', () => {
  refuses([
    [{ a: bsonUndefined }, 2, 'cannot compare to undefined'],
    [{ a: { $gt: bsonUndefined } }, 2, 'cannot compare to undefined'],
    [{ a: { $gt: /x/ } }, 2, "Can't have RegEx as arg to predicate over field 'a'."],
    [{ a: { $ne: /x/ } }, 2, "Can't have regex as arg to $ne."],
    [{ a: { $in: 1 } }, 2, '$in needs an array'],
    [{ a: { $nin: {} } }, 2, '$nin needs an array'],
    [{ a: { $in: [{ $gt: 1 }] } }, 2, 'cannot nest $ under $in'],
    [{ a: { $in: [bsonUndefined] } }, 2, 'InMatchExpression equality cannot be undefined'],
  ]);
});

test('$type, $mod and $size', () => {
  refuses([
    [{ a: { $type: 'foo' } }, 2, 'Unknown type name alias: foo'],
    [{ a: { $type: 0 } }, 2, 'Invalid numerical type code: 0. Instead use {$exists:false}.'],
    [{ a: { $type: 20 } }, 2, 'Invalid numerical type code: 20'],
    [{ a: { $type: 1.5 } }, 2, 'Invalid numerical type code: 1.5'],
    [{ a: { $type: null } }, 14, 'type must be represented as a number or a string'],
    [{ a: { $type: [] } }, 9, 'a must match at least one type'],
    [{ a: { $type: [{}] } }, 14],
    [{ a: { $mod: 1 } }, 2, 'malformed mod, needs to be an array'],
    [{ a: { $mod: [] } }, 2, 'malformed mod, not enough elements'],
    [{ a: { $mod: [1] } }, 2, 'malformed mod, not enough elements'],
    [{ a: { $mod: ['x', 1] } }, 2, 'malformed mod, divisor not a number'],
    [{ a: { $mod: [1, 'x'] } }, 2, 'malformed mod, remainder not a number'],
    [{ a: { $mod: [1, 2, 3] } }, 2, 'malformed mod, too many elements'],
    [{ a: { $mod: [0, 1] } }, 2, 'divisor cannot be 0'],
    [{ a: { $mod: [0.5, 1] } }, 2, 'divisor cannot be 0'],
    [{ a: { $mod: [Number.NaN, 1] } }, 2, 'malformed mod, divisor value is invalid :: caused by :: Unable to coerce NaN/Inf to integral type'],
    [{ a: { $mod: [1, Infinity] } }, 2, 'malformed mod, remainder value is invalid :: caused by :: Unable to coerce NaN/Inf to integral type'],
    [{ a: { $mod: [1e20, 1] } }, 2, 'malformed mod, divisor value is invalid :: caused by :: Out of bounds coercing to integral value'],
    [{ a: { $size: 'x' } }, 2, 'Failed to parse $size. Expected a number in: $size: "x"'],
    [{ a: { $size: -1 } }, 2, 'Failed to parse $size. Expected a non-negative number in: $size: -1'],
    [{ a: { $size: 1.5 } }, 2, 'Failed to parse $size. Expected an integer: $size: 1.5'],
    [{ a: { $size: 2n ** 40n } }, 2, 'Failed to parse $size. Cannot represent $size: 1099511627776 in an int'],
    [{ a: { $size: decimalFromString('1.5') } }, 2, 'Failed to parse $size. Cannot represent as a 64-bit integer: $size: 1.5'],
  ]);
});

test('$regex', () => {
  refuses([
    [{ a: { $regex: 1 } }, 2, '$regex has to be a string'],
    [{ a: { $regex: 'x', $options: 1 } }, 2, '$options has to be a string'],
    [{ a: { $options: 'i' } }, 2, '$options needs a $regex'],
    [{ a: { $options: 'i', $regex: /x/i } }, 51074, 'options set in both $regex and $options'],
    [{ a: { $regex: /x/i, $options: 'i' } }, 51075, 'options set in both $regex and $options'],
    [{ a: { $regex: /x/i, $options: '' } }, 51075],
    [{ a: { $regex: 'x', $options: 'z' } }, 51108],
    [{ a: { $regex: '(' } }, 51091],
    [{ a: { $regex: 'a\0' } }, 2, 'Regular expression cannot contain an embedded null byte'],
    [{ a: { $regex: 'a', $options: 'i\0' } }, 51108],
    [{ a: { $regex: 'x'.repeat(32_765) } }, 51091, 'Regular expression is invalid: pattern string is longer than the limit set by the application'],
    [{ a: { $in: [/x/g] } }, 51108],
  ]);
});

test('arrays', () => {
  refuses([
    [{ a: { $elemMatch: 1 } }, 2, '$elemMatch needs an Object'],
    [{ a: { $elemMatch: { $gt: 1, b: 1 } } }, 2, 'unknown operator: b'],
    [{ a: { $all: 1 } }, 2, '$all needs an array'],
    [{ a: { $all: [{ $elemMatch: {} }, 1] } }, 2, '$all/$elemMatch has to be consistent'],
    [{ a: { $all: [1, { $elemMatch: {} }] } }, 2, 'no $ expressions in $all'],
    [{ a: { $all: [{ $gt: 1 }] } }, 2, 'no $ expressions in $all'],
  ]);
});

test('bits', () => {
  refuses([
    [{ a: { $bitsAllSet: 'x' } }, 2, 'a takes an Array, a number, or a BinData but received: $bitsAllSet: "x"'],
    [{ a: { $bitsAllSet: -1 } }, 9, 'Expected a non-negative number in: $bitsAllSet: -1'],
    [{ a: { $bitsAllSet: 1.5 } }, 9, 'Expected an integer: $bitsAllSet: 1.5'],
    [{ a: { $bitsAnySet: ['x'] } }, 2, 'Failed to parse bit position. Expected a number in: 0: "x"'],
    [{ a: { $bitsAnySet: [0, -1] } }, 2, 'Failed to parse bit position. Expected a non-negative number in: 1: -1'],
  ]);
});

test('what is not supported is refused by name', () => {
  const operands: Readonly<Record<string, unknown>> = { $text: { $search: 'x' }, $where: 'true', $near: [0, 0], $nearSphere: [0, 0], $geoNear: [0, 0] };
  for (const { name, place, code, text } of unsupportedOperators) {
    const filter = place === 'document' ? { [name]: operands[name] } : { a: { [name]: operands[name] ?? {} } };
    assert.throws(() => parseFilter(toDocument(filter)), (error) => error instanceof DocumentError && error.details === text && error.number === new DocumentError(code, '').number, name);
  }
  refuses([
    [{ a: { $gt: 1, $near: [0, 0] } }, 2, 'near must be first in: { $gt: 1, $near: [ 0, 0 ] }'],
    [{ $and: [{ a: { $near: [0, 0] } }] }, 291],
    [{ $or: [{ a: { $near: [0, 0] } }] }, 291],
    [{ $or: [{ a: { $near: [0, 0] } }, { a: 1 }] }, 2, 'geoNear must be top-level expr'],
    [{ $nor: [{ a: { $near: [0, 0] } }] }, 2, 'geoNear must be top-level expr'],
    [{ a: { $not: { $near: [0, 0] } } }, 2, 'geoNear must be top-level expr'],
    [{ a: { $elemMatch: { b: { $near: [0, 0] } } } }, 2, 'geoNear must be top-level expr'],
    [{ a: { $elemMatch: { $where: 'x' } } }, 2, '$where can only be applied to the top-level document'],
    [{ $text: 1 }, 2, '$text expects an object'],
    [{ $text: {} }, 4, 'Missing expected field "$search"'],
    [{ $text: { $search: 'x', $language: 1 } }, 14, '"$language" had the wrong type. Expected string, found int'],
    [{ $text: { $search: 'x', $caseSensitive: 'y' } }, 14, '"$caseSensitive" had the wrong type. Expected bool, found string'],
    [{ $text: { $search: 'x', $more: 1 } }, 2, 'extra fields in $text'],
    [{ a: { $elemMatch: { $text: {} } } }, 2, '$text can only be applied to the top-level document'],
  ]);
});

test('what an upsert takes from its filter', () => {
  const cases: readonly (readonly [filter: object, equalities: readonly (readonly [string, unknown])[]])[] = [
    [{ b: 1, a: 'x' }, [['a', 'x'], ['b', 1]]],
    [{ a: { $eq: 1 }, b: { $gt: 2 } }, [['a', 1]]],
    [{ $and: [{ a: 1 }, { $and: [{ b: 2 }] }] }, [['a', 1], ['b', 2]]],
    [{ $or: [{ a: 1 }] }, [['a', 1]]],
    [{ $or: [{ a: 1 }, { b: 1 }] }, []],
    [{ a: { $in: [1] } }, [['a', 1]]],
    [{ a: { $in: [1, new Double(1)] } }, [['a', 1]]],
    [{ a: { $in: [1, 2] } }, []],
    [{ a: { $in: [1, /x/] } }, []],
    [{ a: { $all: [1] } }, [['a', 1]]],
    [{ 'a.b': 1, 'a.c': 2 }, [['a.b', 1], ['a.c', 2]]],
    [{ a: { $ne: 1 }, b: { $not: { $eq: 1 } }, c: /x/, $nor: [{ d: 1 }] }, []],
    [{ a: { $elemMatch: { b: 1 } } }, []],
  ];
  for (const [filter, equalities] of cases) {
    assert.deepEqual(equalitiesOf(parseFilter(toDocument(filter))).map(({ path, value }) => [path.join('.'), toPlain(value)]), equalities, JSON.stringify(filter));
  }
  const twice = [
    [{ $and: [{ a: 1 }, { a: 1 }] }, "cannot infer query fields to set, path 'a' is matched twice"],
    [{ a: { $all: [1, 2] } }, "cannot infer query fields to set, path 'a' is matched twice"],
    [{ 'a.b': 1, a: { b: 1 } }, "cannot infer query fields to set, both paths 'a.b' and 'a' are matched"],
  ] as const;
  for (const [filter, text] of twice) {
    assert.throws(() => equalitiesOf(parseFilter(toDocument(filter))), (error) => error instanceof DocumentError && error.number === 54 && error.details === text);
  }
});
