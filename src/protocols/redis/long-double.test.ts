import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { addLongDoubles, formatLongDouble, parseLongDouble } from './long-double.ts';

function sum(left: string, right: string): string | undefined {
  const total = addLongDoubles(parseLongDouble(Buffer.from(left))!, parseLongDouble(Buffer.from(right))!);
  return total === undefined ? undefined : formatLongDouble(total);
}

// What redis-server 7.0 answers on x86-64.
for (const [left, right, expected] of [
  ['0.1', '0.2', '0.3'],
  ['3', '1.1', '4.1'],
  ['5.0e3', '2.0e2', '5200'],
  ['1', '1e-17', '1.00000000000000001'],
  ['99999999999999999', '0.5', '99999999999999999.5'],
  ['123456789012345678901234567890', '1', '123456789012345678899921813504'],
  ['0', '-1e-30', '0'],
  ['1', '-1', '0'],
  ['0x10', '0x.8', '16.5'],
] as const) {
  test(`${left} + ${right}`, () => assert.equal(sum(left, right), expected));
}

test('what is no finite number', () => {
  assert.equal(sum('inf', '-inf'), undefined);
  assert.equal(sum('1e4932', '1e4932'), undefined);
  for (const text of ['', ' 1', '1 ', 'nan', '1e', '.', '1e5000', '1e-5000', 'abc', '1..2', '0x', '9'.repeat(6_000)]) {
    assert.equal(parseLongDouble(Buffer.from(text)), undefined, text);
  }
});
