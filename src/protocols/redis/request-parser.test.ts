import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { RedisError } from './redis-error.ts';
import { RequestParser } from './request-parser.ts';

const limits = { bulkBytes: () => 1024 * 1024, authenticated: () => true };

/** The requests that come out when the bytes come in as these pieces, or the error that ends them. */
function parse(pieces: readonly Buffer[], own = limits): (string[] | string)[] {
  const parser = new RequestParser(own);
  const found: (string[] | string)[] = [];
  for (const piece of pieces) {
    parser.push(piece);
    try {
      for (let request = parser.next(); request !== undefined; request = parser.next()) {
        if (request.length > 0) found.push(request.map((argument) => argument.toString('latin1')));
      }
    } catch (error) {
      assert.ok(error instanceof RedisError);
      return [...found, error.message];
    }
  }
  return found;
}

function frame(...words: readonly (string | Buffer)[]): Buffer {
  const parts = words.map((word) => Buffer.from(word as string, 'latin1'));
  return Buffer.concat([Buffer.from(`*${parts.length}\r\n`), ...parts.flatMap((part) => [Buffer.from(`$${part.length}\r\n`), part, Buffer.from('\r\n')])]);
}

const stream = Buffer.concat([
  frame('SET', 'key', 'value'),
  Buffer.from('PING\r\n\r\nset "a b" \'c\'\n'),
  frame('ECHO', '\r\n$5\r\n\0\xff'),
  Buffer.from('*0\r\n*-1\r\n'),
  frame(''),
  frame('GET', 'x'.repeat(300)),
]);
const requests = [['SET', 'key', 'value'], ['PING'], ['set', 'a b', 'c'], ['ECHO', '\r\n$5\r\n\0\xff'], [''], ['GET', 'x'.repeat(300)]];

test('requests are read whole', () => {
  assert.deepEqual(parse([stream]), requests);
});

test('a request may be cut at every byte', () => {
  for (let at = 0; at <= stream.length; at++) assert.deepEqual(parse([stream.subarray(0, at), stream.subarray(at)]), requests, `cut at ${at}`);
});

test('bytes may come one by one', () => {
  assert.deepEqual(parse([...stream].map((byte) => Buffer.from([byte]))), requests);
});

test('what is not a request is refused with the text of Redis', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['*3000000000\r\n', 'ERR Protocol error: invalid multibulk length'],
    ['*abc\r\n', 'ERR Protocol error: invalid multibulk length'],
    ['*1\r\nfoo\r\n', "ERR Protocol error: expected '$', got 'f'"],
    ['*1\r\n$-1\r\n', 'ERR Protocol error: invalid bulk length'],
    ['*1\r\n$2000000000\r\n', 'ERR Protocol error: invalid bulk length'],
    ['*1\r\n$01\r\n', 'ERR Protocol error: invalid bulk length'],
    ['set "a"b c\r\n', 'ERR Protocol error: unbalanced quotes in request'],
    ['x'.repeat(70_000), 'ERR Protocol error: too big inline request'],
    [`*${'1'.repeat(70_000)}`, 'ERR Protocol error: too big mbulk count string'],
    [`*1\r\n$${'1'.repeat(70_000)}`, 'ERR Protocol error: too big bulk count string'],
  ];
  for (const [sent, message] of cases) assert.deepEqual(parse([Buffer.from(sent)]), [message]);
});

test('who has not authenticated may send little', () => {
  const own = { ...limits, authenticated: () => false };
  assert.deepEqual(parse([frame(...Array.from({ length: 11 }, () => 'a'))], own), ['ERR Protocol error: unauthenticated multibulk length']);
  assert.deepEqual(parse([frame('AUTH', 'x'.repeat(20_000))], own), ['ERR Protocol error: unauthenticated bulk length']);
});

test('random bytes end in requests or in one error, however they are cut', () => {
  const random = generator(7_392);
  const alphabet = Buffer.from('*$\r\n0123456789-+:PINGSET"\'\\x \0\xff', 'latin1');
  for (let round = 0; round < 2_000; round++) {
    const bytes = Buffer.from(Array.from({ length: 1 + random(60) }, () => (random(8) === 0 ? random(256) : alphabet[random(alphabet.length)]!)));
    const whole = parse([bytes]);
    const cut = random(bytes.length + 1);
    assert.deepEqual(parse([bytes.subarray(0, cut), bytes.subarray(cut)]), whole, `seed 7392, round ${round}: ${bytes.toString('hex')} cut at ${cut}`);
  }
});

test('random requests come back as they were sent, however they are cut', () => {
  const random = generator(42);
  for (let round = 0; round < 200; round++) {
    const sent = Array.from({ length: 1 + random(5) }, () =>
      Array.from({ length: 1 + random(4) }, () => Buffer.from(Array.from({ length: random(40) }, () => random(256))).toString('latin1')),
    );
    const bytes = Buffer.concat(sent.map((words) => frame(...words)));
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + random(30);
      pieces.push(bytes.subarray(at, end));
      at = end;
    }
    assert.deepEqual(parse(pieces), sent, `seed 42, round ${round}`);
  }
});

test('long arguments, which are put together as they come, and what follows them', () => {
  const long = 'x'.repeat(3 * 1024 * 1024);
  const sent = [['SET', 'key', long], ['PING'], ['MSET', long, 'between', long, 'after'], ['GET', 'key']];
  const bytes = Buffer.concat(sent.map((words) => frame(...words)));
  for (const size of [65_536, 1_000_003, 4 * 1024 * 1024]) {
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
    assert.deepEqual(parse(pieces, { ...limits, bulkBytes: () => long.length }), sent, `pieces of ${size} bytes`);
  }
});

/** Numbers from 0 to below a bound: the same ones for the same seed (mulberry32). */
function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % bound;
  };
}
