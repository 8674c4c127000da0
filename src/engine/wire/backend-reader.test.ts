import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackendReader, DataRow } from './backend-reader.ts';

function message(type: string, body: string): Buffer {
  const buffer = Buffer.alloc(5 + Buffer.byteLength(body));
  buffer.write(type, 0);
  buffer.writeInt32BE(buffer.length - 1, 1);
  buffer.write(body, 5);
  return buffer;
}

function readAll(chunks: readonly Buffer[]): string[] {
  const seen: string[] = [];
  const reader = new BackendReader((type, buffer, start, end) => seen.push(String.fromCharCode(type) + buffer.toString('utf8', start, end)));
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}

const stream = Buffer.concat([message('C', 'SELECT 1'), message('1', ''), message('D', 'x'.repeat(300)), message('Z', 'I')]);
const messages = ['CSELECT 1', '1', `D${'x'.repeat(300)}`, 'ZI'];

test('messages come out the same, wherever the stream is cut', () => {
  for (let cut = 0; cut <= stream.length; cut++) {
    assert.deepEqual(readAll([stream.subarray(0, cut), stream.subarray(cut)]), messages, `cut at ${cut}`);
  }
  assert.deepEqual(readAll(Array.from(stream, (byte) => Buffer.from([byte]))), messages);
});

test('a length that cannot be is refused', () => {
  for (const length of [-1, 0, 3, 0x7fff_ffff]) {
    const header = Buffer.alloc(5, 'D');
    header.writeInt32BE(length, 1);
    assert.throws(() => readAll([header]), { code: 'connection_lost' }, `length ${length}`);
  }
});

test('a data row gives its fields, more than it had room for, and nulls', () => {
  const fields = [null, ...Array.from({ length: 99 }, (_, index) => `field ${index}`)];
  const parts = fields.map((field) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(field === null ? -1 : field.length);
    return Buffer.concat([length, Buffer.from(field ?? '')]);
  });
  const row = new DataRow();
  row.reset(Buffer.concat([Buffer.from([9, 0, fields.length]), ...parts]), 1);
  assert.equal(row.count, 100);
  assert.equal(row.isNull(0), true);
  assert.equal(row.isNull(1), false);
  assert.equal(row.utf8(99), 'field 98');
  assert.equal(row.bytes(50).toString(), 'field 49');
});

test('an int8 as a number is exact up to 2^53, below zero too', () => {
  const row = new DataRow();
  for (const value of [0n, 1n, -1n, 2n ** 53n - 1n, -(2n ** 53n) + 1n, -4_294_967_296n]) {
    const field = Buffer.alloc(14);
    field.writeInt16BE(1);
    field.writeInt32BE(8, 2);
    field.writeBigInt64BE(value, 6);
    row.reset(field, 0);
    assert.equal(row.safeInteger(0), Number(value));
  }
});
