import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrontendWriter } from './frontend-writer.ts';
import { wireLimits } from './limits.ts';

function taken(writer: FrontendWriter): Buffer {
  return Buffer.concat(writer.take());
}

test('messages have the bytes that the manual gives', () => {
  const writer = new FrontendWriter();
  writer.query('hé');
  assert.deepEqual([...taken(writer)], [0x51, 0, 0, 0, 8, 0x68, 0xc3, 0xa9, 0]);
  writer.sync();
  writer.sslRequest();
  assert.deepEqual([...taken(writer)], [0x53, 0, 0, 0, 4, 0, 0, 0, 8, 4, 210, 22, 47]);
  writer.parse('s1', 'select $1', [17]);
  assert.deepEqual([...taken(writer)], [0x50, 0, 0, 0, 23, ...Buffer.from('s1\0select $1\0'), 0, 1, 0, 0, 0, 17]);
});

test('lengths are right when a message spans chunks and holds values that are not copied', () => {
  const writer = new FrontendWriter();
  const large = Buffer.alloc(wireLimits.spliceBytes, 7);
  const write = (target: FrontendWriter): void => {
    for (const value of [Buffer.alloc(20_000, 1), large, Buffer.alloc(30_000, 2)]) {
      target.int32(value.length);
      target.bytes(value);
    }
  };
  writer.sync();
  writer.bind('s1', { formats: [1], count: 3, write }, [1]);
  const bytes = taken(writer);
  assert.equal(bytes.readInt32BE(6), bytes.length - 6);
  assert.ok(bytes.includes(large));
  assert.equal(writer.byteLength, 0);
});

test('what is written after a checkpoint can be taken back', () => {
  const writer = new FrontendWriter();
  writer.query('kept');
  const mark = writer.checkpoint();
  writer.bytes(Buffer.alloc(50_000));
  writer.utf8('x'.repeat(100_000));
  writer.restore(mark);
  writer.sync();
  const expected = new FrontendWriter();
  expected.query('kept');
  expected.sync();
  assert.deepEqual(taken(writer), taken(expected));
});
