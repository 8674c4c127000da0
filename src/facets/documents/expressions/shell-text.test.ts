import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Binary, Code, DateTime, int32, ObjectId, Timestamp, type Value } from '../../../values/bson/types.ts';
import { decimalFromString } from '../../../values/bson/decimal.ts';
import { shellText, valueText } from './shell-text.ts';

const id = new ObjectId(new Uint8Array(12).fill(0xab));
const bytes = new Uint8Array(16).fill(0x1f);
/** A value, its text in messages about commands, and in those of running expressions. */
const texts: readonly (readonly [Value, string, string])[] = [
  [1, '1.0', '1'],
  [-0, '-0.0', '-0'],
  [0.1, '0.1', '0.1'],
  [1.23456789, '1.23456789', '1.23457'],
  [123456789, '123456789.0', '1.23457e+08'],
  [0.1 + 0.2, '0.3', '0.3'],
  [1e15, '1000000000000000.0', '1e+15'],
  [1e20, '1e+20.0', '1e+20'],
  [1.5e20, '1.5e+20', '1.5e+20'],
  [1e-5, '1e-05.0', '1e-05'],
  [Number.NaN, 'nan.0', 'nan'],
  [-Infinity, '-inf.0', '-inf'],
  [5n, '5', '5'],
  [int32(5), '5', '5'],
  [decimalFromString('1.20')!, '1.20', '1.20'],
  ['a', '"a"', '"a"'],
  ['é'.repeat(100), `"${'é'.repeat(75)}..."`, `"${'é'.repeat(100)}"`],
  [id, `ObjectId('${'ab'.repeat(12)}')`, 'ab'.repeat(12)],
  [new DateTime(0n), 'new Date(0)', '1970-01-01T00:00:00.000Z'],
  [new DateTime(1n << 62n), `new Date(${1n << 62n})`, 'illegal date'],
  [new Timestamp((3n << 32n) + 4n), 'Timestamp(3, 4)', 'Timestamp(3, 4)'],
  [new Binary(bytes, 4), 'UUID("1f1f1f1f-1f1f-1f1f-1f1f-1f1f1f1f1f1f")', `BinData(4, "${'1F'.repeat(16)}")`],
  [new Binary(bytes.subarray(0, 2), 0), 'BinData(0, 1F1F)', 'BinData(0, "1F1F")'],
  [new Code('x'.repeat(80)), `${'x'.repeat(70)}...`, `Code("${'x'.repeat(80)}")`],
  [[1, new Map<string, Value>([['a', null]])], '[ 1.0, { a: null } ]', '[1, {a: null}]'],
];

test('values in messages', () => {
  for (const [value, shell, plain] of texts) assert.deepEqual([shellText(value), valueText(value)], [shell, plain]);
});
