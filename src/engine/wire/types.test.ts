import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrontendWriter } from './frontend-writer.ts';
import { type PgTypeName, binaryDecoder, encodeInferred, parameterType } from './types.ts';

function encoded(name: PgTypeName, value: unknown): Buffer {
  const writer = new FrontendWriter();
  parameterType(name).encode(writer, value);
  const bytes = Buffer.concat(writer.take());
  assert.equal(bytes.readInt32BE(0), bytes.length - 4, `the length word of ${name}`);
  return bytes.subarray(4);
}

test('values come back as they went', () => {
  const values: readonly [PgTypeName, unknown][] = [
    ['bool', true], ['bool', false], ['bytea', Buffer.from([0, 1, 255])], ['bytea', Buffer.alloc(0)],
    ['int2', -32768], ['int4', 2147483647], ['int8', -(2n ** 63n)], ['oid', 4294967295],
    ['float8', -0], ['float8', Number.NaN], ['float8', Infinity], ['float4', 1.5],
    ['text', 'é\u{1f600}'], ['text', ''], ['name', 'ada'], ['jsonb', { a: [1, null, 'x'] }], ['json', 'text'],
    ['uuid', '123e4567-e89b-12d3-a456-426614174000'],
    ['timestamptz', new Date('1969-07-20T20:17:40.123Z')], ['timestamptz', new Date(0)], ['timestamptz', new Date('2200-01-01T00:00:00.001Z')],
    ['int4[]', []], ['int4[]', [1, null, 3]], ['bytea[]', [Buffer.from('a'), null]], ['text[]', ['x,y', '"', '']],
  ];
  for (const [name, value] of values) {
    const bytes = encoded(name, value);
    const decode = binaryDecoder(parameterType(name).oid);
    assert.ok(decode !== undefined);
    assert.deepStrictEqual(decode(bytes, 0, bytes.length), value, name);
  }
});

test('an int8 from a number is that from a bigint', () => {
  for (const value of [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, -(2 ** 32), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 60]) {
    assert.deepEqual(encoded('int8', value), encoded('int8', BigInt(value)), `${value}`);
  }
});

test('arrays of several dimensions are read in order', () => {
  const bytes = Buffer.alloc(12 + 16 + 6 * 8);
  let offset = 0;
  for (const word of [2, 0, 23, 2, 1, 3, 1, ...[1, 2, 3, 4, 5, 6].flatMap((value) => [4, value])]) offset = bytes.writeInt32BE(word, offset);
  assert.deepEqual(binaryDecoder(1007)!(bytes, 0, bytes.length), [[1, 2, 3], [4, 5, 6]]);
});

test('timestamps beyond JavaScript become infinities, and microseconds are cut off towards the past', () => {
  const decode = binaryDecoder(1184)!;
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(2n ** 63n - 1n);
  assert.equal(decode(bytes, 0, 8), Infinity);
  bytes.writeBigInt64BE(-(2n ** 63n));
  assert.equal(decode(bytes, 0, 8), -Infinity);
  bytes.writeBigInt64BE(-1n);
  assert.deepEqual(decode(bytes, 0, 8), new Date('1999-12-31T23:59:59.999Z'));
});

test('values of inferred types are written as literals', () => {
  const literal = (value: unknown): string => {
    const writer = new FrontendWriter();
    encodeInferred(writer, value);
    return Buffer.concat(writer.take()).toString('utf8', 4);
  };
  assert.equal(literal(12n), '12');
  assert.equal(literal(Buffer.from([0, 255])), '\\x00ff');
  assert.equal(literal(['a"b\\', null, [1, true]]), '{"a\\"b\\\\",NULL,{"1","true"}}');
  assert.equal(literal({ a: 1 }), '{"a":1}');
  assert.equal(literal(new Date(0)), '1970-01-01T00:00:00.000Z');
});
