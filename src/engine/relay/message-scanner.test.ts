import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageScanner } from './message-scanner.ts';

function message(type: string, body: Buffer): Buffer {
  const bytes = Buffer.alloc(5 + body.length);
  bytes.write(type, 0, 'latin1');
  bytes.writeInt32BE(4 + body.length, 1);
  body.copy(bytes, 5);
  return bytes;
}

test('messages are found wherever the stream is cut', () => {
  const stream = Buffer.concat([message('C', Buffer.from('SELECT 1\0')), message('Z', Buffer.from('T')), message('S', Buffer.alloc(0)), message('D', Buffer.alloc(500, 7))]);
  const expected = [['C', 9], ['Z', 1], ['S', 0], ['D', 64]];
  for (let size = 1; size <= stream.length; size++) {
    const seen: unknown[] = [];
    const scanner = new MessageScanner((type, body) => seen.push([String.fromCharCode(type), body.length]));
    for (let at = 0; at < stream.length; at += size) scanner.push(stream.subarray(at, at + size));
    assert.deepEqual(seen, expected, `cut every ${size} bytes`);
    assert.equal(scanner.isBetween, true);
  }
});

test('a negative length is no message', () => {
  assert.throws(() => new MessageScanner(() => {}).push(Buffer.from([0x51, 0, 0, 0, 3])));
});
