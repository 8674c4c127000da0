import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { atOnce } from '../../../kernel/in-turns.ts';
import { crc64 } from './crc64.ts';
import { isIntact, readPayload } from './read.ts';
import type { RdbValue } from './value.ts';
import { writePayload } from './write.ts';

const limits = { intsetEntries: 512, hashEntries: 512, hashBytes: 64, zsetEntries: 128, zsetBytes: 64 };
const longest = 2 ** 29;
const bytes = (...words: string[]): Buffer[] => words.map((word) => Buffer.from(word, 'latin1'));

test('the checksum of Redis', () => {
  // crc64.c's own test.
  const whole = Buffer.from('123456789');
  for (let cut = 0; cut <= whole.length; cut++) {
    assert.equal(atOnce(crc64([whole.subarray(0, cut), whole.subarray(cut)])).readBigUInt64LE().toString(16), 'e9c6d914c4b8d9ca');
  }
});

test('a payload of the manual, a ziplist of version 6', () => {
  const payload = Buffer.from('0a1717000000120000000300 00c00100 04c00200 04c00300 ff 0400 75233cc03b2ee9dd'.replaceAll(' ', ''), 'hex');
  assert.ok(atOnce(isIntact(payload)));
  assert.deepEqual(atOnce(readPayload(payload, longest)), { kind: 'list', items: bytes('1', '2', '3') });
});

const values: readonly RdbValue[] = [
  { kind: 'string', value: Buffer.alloc(0) },
  { kind: 'string', value: Buffer.from('-129') },
  { kind: 'string', value: Buffer.alloc(20_000, 'x') },
  { kind: 'list', items: bytes('', '0', '127', '128', '-1', '-4096', '-4097', '32768', '8388608', '-2147483649', '007', 'x'.repeat(63), 'x'.repeat(64), 'x'.repeat(4_096)) },
  { kind: 'list', items: Array.from({ length: 3_000 }, (_, index) => Buffer.from(`item ${index}`)) },
  { kind: 'set', members: bytes('-5', '7', '9223372036854775807') },
  { kind: 'set', members: bytes('a', '1') },
  { kind: 'hash', fields: [{ field: Buffer.from('f'), value: Buffer.from('v') }] },
  { kind: 'hash', fields: [{ field: Buffer.from('f'), value: Buffer.alloc(65, 'v') }] },
  { kind: 'zset', members: [{ member: Buffer.from('a'), score: -0.1 }, { member: Buffer.from('b'), score: Number.POSITIVE_INFINITY }] },
];

for (const value of values) {
  test(`a ${value.kind} comes back`, () => {
    const payload = atOnce(writePayload(value, limits));
    assert.ok(atOnce(isIntact(payload)));
    assert.deepEqual(atOnce(readPayload(payload, longest)), value);
  });
}

test('no cut and no changed byte gets through, or does harm with a right checksum', () => {
  for (const value of values) {
    const payload = atOnce(writePayload(value, limits)).subarray(0, 300);
    for (let index = 0; index < payload.length; index++) {
      assert.ok(!atOnce(isIntact(payload.subarray(0, index))), `cut at ${index}`);
      const changed = Buffer.from(payload);
      changed[index]! ^= 0xff;
      assert.ok(!atOnce(isIntact(changed)) || payload.length === 300, `changed at ${index}`);
      // As if whoever changed it had computed the checksum anew: anything but an exception.
      atOnce(readPayload(changed, longest));
    }
  }
});
