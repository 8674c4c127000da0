import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientMessages } from './client-messages.ts';
import { frontendMessage } from './frontend-messages.ts';

test('messages are found wherever the stream is cut, long ones in pieces', () => {
  const stream = Buffer.concat([frontendMessage('Q', Buffer.from('select 1\0')), frontendMessage('B', Buffer.alloc(90, 7)), frontendMessage('S', Buffer.alloc(0))]);
  for (let size = 1; size <= stream.length; size++) {
    const seen: string[] = [];
    let pieces = 0;
    const messages = new ClientMessages({
      message: (type, bytes) => void seen.push(`${String.fromCharCode(type)}${bytes.length}`),
      piece: (type, bytes, isLast) => {
        pieces += bytes.length;
        if (isLast) seen.push(`${String.fromCharCode(type)}…${pieces}`);
      },
      limit: () => 20,
    });
    for (let at = 0; at < stream.length; at += size) messages.push(stream.subarray(at, at + size));
    assert.deepEqual(seen.map((text) => text.replace('…', '')), ['Q14', 'B95', 'S5'], `cut every ${size} bytes`);
    assert.equal(messages.isBetween, true);
  }
});

test('a negative length is no message', () => {
  assert.throws(() => new ClientMessages({ message: () => {}, piece: () => {}, limit: () => 20 }).push(Buffer.from([0x51, 0, 0, 0, 3])));
});
