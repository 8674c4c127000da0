import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimalFromString } from '../../../values/bson/decimal.ts';
import { DocumentError } from '../errors.ts';
import { compileFilter } from './match.ts';
import { parseFilter } from './parse-filter.ts';
import { Double, toDocument } from './plain-values.ts';

type Case = readonly [schema: object, document: object, matches: boolean];

function check(cases: readonly Case[]): void {
  for (const [schema, document, matches] of cases) {
    const filter = parseFilter(toDocument({ $jsonSchema: schema }));
    assert.equal(compileFilter(filter)(toDocument(document)), matches, `${JSON.stringify(schema)} on ${JSON.stringify(document, (_, field: unknown) => (typeof field === 'bigint' ? `${field}n` : field))}`);
  }
}

/** A schema of the field `a`. */
const a = (schema: object): object => ({ properties: { a: schema } });

test('types', () => {
  check([
    [{}, {}, true],
    [{ bsonType: 'object' }, {}, true],
    [{ type: 'array' }, {}, false],
    [a({ bsonType: 'int' }), { a: 1 }, true],
    [a({ bsonType: 'int' }), { a: new Double(1) }, false],
    [a({ bsonType: 'int' }), {}, true],
    [a({ bsonType: ['int', 'string'] }), { a: 'x' }, true],
    [a({ bsonType: 'number' }), { a: 1n }, true],
    [a({ type: 'number' }), { a: 1n }, true],
    [a({ type: 'boolean' }), { a: true }, true],
    [a({ type: ['null', 'string'] }), { a: null }, true],
    [a({ type: 'object' }), { a: [] }, false],
    [a({ bsonType: 'string' }), { a: ['x'] }, false],
    [{ title: 't', description: 'd' }, {}, true],
  ]);
});

test('numbers and texts', () => {
  check([
    [a({ minimum: 2 }), { a: 2 }, true],
    [a({ minimum: 2, exclusiveMinimum: true }), { a: 2 }, false],
    [a({ maximum: 2 }), { a: 3 }, false],
    [a({ maximum: 2 }), { a: 'x' }, true],
    [a({ maximum: 2, exclusiveMaximum: true }), { a: 1.9 }, true],
    [a({ minimum: 2 }), { a: [1] }, true],
    [a({ maximum: 2 }), { a: Number.NaN }, false],
    [a({ multipleOf: 2 }), { a: 4n }, true],
    [a({ multipleOf: 2 }), { a: 5 }, false],
    [a({ multipleOf: 0.1 }), { a: 0.3 }, true],
    [a({ multipleOf: decimalFromString('0.5')! }), { a: 1.5 }, true],
    [a({ multipleOf: 2 }), { a: Number.NaN }, false],
    [a({ minLength: 2 }), { a: 'ab' }, true],
    [a({ minLength: 2 }), { a: '\u{1f600}' }, false],
    [a({ maxLength: 1 }), { a: '\u{1f600}' }, true],
    [a({ minLength: 2 }), { a: 1 }, true],
    [a({ pattern: '^x' }), { a: 'xy' }, true],
    [a({ pattern: '^x' }), { a: 'y' }, false],
    [a({ pattern: '^x' }), { a: 1 }, true],
  ]);
});

test('arrays', () => {
  check([
    [a({ minItems: 1 }), { a: [] }, false],
    [a({ maxItems: 1 }), { a: [1] }, true],
    [a({ minItems: 1 }), { a: 1 }, true],
    [a({ uniqueItems: true }), { a: [1, 2] }, true],
    [a({ uniqueItems: true }), { a: [1, 1n] }, false],
    [a({ uniqueItems: true }), { a: [{ x: 1, y: 2 }, { y: 2, x: 1 }] }, false],
    [a({ uniqueItems: false }), { a: [1, 1] }, true],
    [a({ items: { bsonType: 'int' } }), { a: [1, 2] }, true],
    [a({ items: { bsonType: 'int' } }), { a: [1, 'x'] }, false],
    [a({ items: [{ bsonType: 'int' }, { bsonType: 'string' }] }), { a: [1, 'x', true] }, true],
    [a({ items: [{ bsonType: 'int' }, { bsonType: 'string' }] }), { a: [1] }, true],
    [a({ items: [{ bsonType: 'int' }] }), { a: ['x'] }, false],
    [a({ items: [{}], additionalItems: false }), { a: [1, 2] }, false],
    [a({ items: [{}], additionalItems: { bsonType: 'int' } }), { a: ['x', 2] }, true],
    [a({ items: [{}], additionalItems: { bsonType: 'int' } }), { a: ['x', 'y'] }, false],
    [a({ additionalItems: false }), { a: [1] }, true],
  ]);
});

test('objects', () => {
  check([
    [{ required: ['a'] }, { a: null }, true],
    [{ required: ['a'] }, {}, false],
    [{ required: ['a'], properties: { a: { bsonType: 'int' } } }, { a: 'x' }, false],
    [a({ required: ['b'] }), { a: { b: 1 } }, true],
    [a({ required: ['b'] }), { a: {} }, false],
    [a({ required: ['b'] }), { a: 1 }, true],
    [a({ properties: { b: { minimum: 5 } } }), { a: { b: 4 } }, false],
    [{ properties: { a: {} }, additionalProperties: false }, { a: 1 }, true],
    [{ properties: { a: {} }, additionalProperties: false }, { a: 1, b: 1 }, false],
    [{ additionalProperties: { bsonType: 'int' } }, { a: 1, b: 'x' }, false],
    [{ patternProperties: { '^n': { bsonType: 'int' } } }, { n1: 1, x: 'y' }, true],
    [{ patternProperties: { '^n': { bsonType: 'int' } } }, { n1: 'x' }, false],
    [{ patternProperties: { '^n': {} }, additionalProperties: false }, { n1: 'x' }, true],
    [{ patternProperties: { '^n': {} }, additionalProperties: false }, { x: 'x' }, false],
    [{ minProperties: 2 }, { a: 1 }, false],
    [{ maxProperties: 1 }, { a: 1 }, true],
    [{ dependencies: { a: ['b'] } }, { a: 1 }, false],
    [{ dependencies: { a: ['b'] } }, { a: 1, b: 1 }, true],
    [{ dependencies: { a: ['b'] } }, { c: 1 }, true],
    [{ dependencies: { a: { required: ['c'] } } }, { a: 1, c: 1 }, true],
    [{ dependencies: { a: { required: ['c'] } } }, { a: 1 }, false],
  ]);
});

test('logic', () => {
  check([
    [a({ enum: [1, 'x'] }), { a: new Double(1) }, true],
    [a({ enum: [1, 'x'] }), { a: 2 }, false],
    [a({ enum: [{ x: 1, y: 2 }] }), { a: { y: 2, x: 1 } }, true],
    [a({ enum: [1] }), { a: [1] }, false],
    [{ enum: [{ a: 1 }] }, { a: 1 }, true],
    [{ enum: [1] }, { a: 1 }, false],
    [a({ allOf: [{ minimum: 1 }, { maximum: 3 }] }), { a: 2 }, true],
    [a({ allOf: [{ minimum: 1 }, { maximum: 3 }] }), { a: 4 }, false],
    [a({ anyOf: [{ bsonType: 'int' }, { bsonType: 'string' }] }), { a: 'x' }, true],
    [a({ oneOf: [{ minimum: 1 }, { maximum: 3 }] }), { a: 2 }, false],
    [a({ oneOf: [{ minimum: 1 }, { maximum: 3 }] }), { a: 4 }, true],
    [a({ not: { bsonType: 'int' } }), { a: 1 }, false],
    [{ not: { required: ['a'] } }, {}, true],
  ]);
});

test('what is no schema', () => {
  const cases: readonly (readonly [schema: unknown, number: number, text?: string])[] = [
    [1, 14, '$jsonSchema must be an object'],
    [{ foo: 1 }, 9, 'Unknown $jsonSchema keyword: foo'],
    [{ default: 1 }, 9, "$jsonSchema keyword 'default' is not currently supported"],
    [{ $ref: 'x' }, 9],
    [{ title: 1 }, 14, "$jsonSchema keyword 'title' must be of type string"],
    [{ type: 'object', bsonType: 'object' }, 9, "Cannot specify both $jsonSchema keywords 'type' and 'bsonType'"],
    [{ type: 1 }, 14, "$jsonSchema keyword 'type' must be either a string or an array of strings"],
    [{ type: 'integer' }, 9, "$jsonSchema type 'integer' is not currently supported."],
    [{ type: ['string', 'string'] }, 9, "$jsonSchema keyword 'type' has duplicate value: string"],
    [{ type: 'int' }, 2, 'Unknown type name alias: int'],
    [{ bsonType: [] }, 9, "$jsonSchema keyword 'bsonType' must name at least one type"],
    [{ minimum: 'x' }, 14, "$jsonSchema keyword 'minimum' must be a number"],
    [{ exclusiveMinimum: true }, 9, "$jsonSchema keyword 'minimum' must be a present if exclusiveMinimum is present"],
    [{ minimum: 1, exclusiveMinimum: 1 }, 14, "$jsonSchema keyword 'exclusiveMinimum' must be a boolean"],
    [{ multipleOf: 0 }, 9, "$jsonSchema keyword 'multipleOf' must have a positive value"],
    [{ minLength: -1 }, 9, 'Expected a non-negative number in: minLength: -1'],
    [{ minLength: 'x' }, 9, 'Expected a number in: minLength: "x"'],
    [{ pattern: 1 }, 14],
    [{ items: 1 }, 14, "$jsonSchema keyword 'items' must be an array or an object, not int"],
    [{ items: [1] }, 14],
    [{ additionalItems: 1 }, 14],
    [{ uniqueItems: 1 }, 14],
    [{ required: [] }, 9, "$jsonSchema keyword 'required' cannot be an empty array"],
    [{ required: 'a' }, 14, "$jsonSchema keyword 'required' must be an array, but found an element of type string"],
    [{ required: ['a', 'a'] }, 9],
    [{ required: [1] }, 14],
    [{ properties: 1 }, 14],
    [{ properties: { a: 1 } }, 14, "Nested schema for $jsonSchema property 'a' must be an object"],
    [{ patternProperties: { a: 1 } }, 14],
    [{ patternProperties: { '(': {} } }, 51091],
    [{ additionalProperties: 1 }, 14],
    [{ dependencies: 1 }, 14],
    [{ dependencies: { a: 1 } }, 14],
    [{ dependencies: { a: [] } }, 9],
    [{ dependencies: { a: [1] } }, 14],
    [{ dependencies: { a: ['b', 'b'] } }, 9],
    [{ enum: 1 }, 14],
    [{ enum: [] }, 9, "$jsonSchema keyword 'enum' cannot be an empty array"],
    [{ enum: [1, 1n] }, 9, "$jsonSchema keyword 'enum' array cannot contain duplicate values."],
    [{ allOf: [] }, 2, "$jsonSchema keyword 'allOf' must be a non-empty array"],
    [{ anyOf: 1 }, 14],
    [{ oneOf: [1] }, 14],
    [{ not: 1 }, 14],
    [{ encrypt: {} }, 224],
  ];
  for (const [schema, number, text] of cases) {
    assert.throws(
      () => parseFilter(toDocument({ $jsonSchema: schema })),
      (error) => error instanceof DocumentError && error.number === number && (text === undefined || error.details === text),
      `${JSON.stringify(schema, (_, field: unknown) => (typeof field === 'bigint' ? `${field}n` : field))}: ${number}`,
    );
  }
});
