import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { RedisError } from './redis-error.ts';
import { ReplyWriter } from './reply-writer.ts';
import { Double, Pairs, Push, Replies, type Reply, Verbatim, nilArray, ok } from './reply.ts';

function written(reply: Reply, protocol: 2 | 3): string {
  const writer = new ReplyWriter();
  writer.protocol = protocol;
  writer.write(reply);
  return Buffer.concat(writer.take()).toString('latin1');
}

test('each reply in RESP2 and RESP3', () => {
  const cases: readonly (readonly [Reply, string, string])[] = [
    [ok, '+OK\r\n', '+OK\r\n'],
    [new RedisError('ERR no'), '-ERR no\r\n', '-ERR no\r\n'],
    [-7, ':-7\r\n', ':-7\r\n'],
    [2n ** 63n - 1n, ':9223372036854775807\r\n', ':9223372036854775807\r\n'],
    ['é', '$2\r\n\xc3\xa9\r\n', '$2\r\n\xc3\xa9\r\n'],
    [Buffer.from([0, 255, 13, 10]), '$4\r\n\0\xff\r\n\r\n', '$4\r\n\0\xff\r\n\r\n'],
    ['', '$0\r\n\r\n', '$0\r\n\r\n'],
    [null, '$-1\r\n', '_\r\n'],
    [nilArray, '*-1\r\n', '_\r\n'],
    [true, ':1\r\n', '#t\r\n'],
    [false, ':0\r\n', '#f\r\n'],
    [new Double(1.5), '$3\r\n1.5\r\n', ',1.5\r\n'],
    [new Double(Number.NEGATIVE_INFINITY), '$4\r\n-inf\r\n', ',-inf\r\n'],
    [[1, ['a']], '*2\r\n:1\r\n*1\r\n$1\r\na\r\n', '*2\r\n:1\r\n*1\r\n$1\r\na\r\n'],
    [new Map<Reply, Reply>([['a', 1]]), '*2\r\n$1\r\na\r\n:1\r\n', '%1\r\n$1\r\na\r\n:1\r\n'],
    [new Pairs([['a', 1], ['a', 2]]), '*4\r\n$1\r\na\r\n:1\r\n$1\r\na\r\n:2\r\n', '%2\r\n$1\r\na\r\n:1\r\n$1\r\na\r\n:2\r\n'],
    [new Set<Reply>(['a']), '*1\r\n$1\r\na\r\n', '~1\r\n$1\r\na\r\n'],
    [new Push(['m', 1]), '*2\r\n$1\r\nm\r\n:1\r\n', '>2\r\n$1\r\nm\r\n:1\r\n'],
    [new Verbatim('hi'), '$2\r\nhi\r\n', '=6\r\ntxt:hi\r\n'],
    [new Replies([ok, 1]), '+OK\r\n:1\r\n', '+OK\r\n:1\r\n'],
    [new Replies([]), '', ''],
  ];
  for (const [reply, second, third] of cases) {
    assert.equal(written(reply, 2), second);
    assert.equal(written(reply, 3), third);
  }
});

test('long and short values in turn keep their order', () => {
  const writer = new ReplyWriter();
  const expected: string[] = [];
  for (const length of [1, 100_000, 3, 20_000, 16_383, 16_384, 70_000, 0]) {
    const value = Buffer.alloc(length, 97 + (length % 26));
    writer.write(value);
    expected.push(`$${length}\r\n${value.toString('latin1')}\r\n`);
  }
  assert.equal(Buffer.concat(writer.take()).toString('latin1'), expected.join(''));
  assert.deepEqual(writer.take(), []);
});
