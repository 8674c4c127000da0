import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';

import { decimalFromString, decimalToString } from '../../../values/bson/decimal.ts';
import type { Maybe, Value } from '../../../values/bson/types.ts';
import { Decimal128, Int32, int32, typeNameOf } from '../../../values/bson/types.ts';
import type { Fold } from './numeric-folds.ts';
import { DoubleSum, newAverage, newDeviation, newSum } from './numeric-folds.ts';

const decimal = (text: string) => decimalFromString(text)!;

function folded(fold: Fold, values: readonly Maybe[]): string {
  for (const value of values) fold.add(value);
  return textOf(fold.result());
}

function textOf(value: Value): string {
  const text = value instanceof Decimal128 ? decimalToString(value) : inspect(value instanceof Int32 ? value.value : value);
  return `${typeNameOf(value)} ${text.replace(/n$/, '')}`;
}

const maxLong = 9_223_372_036_854_775_807n;
const tenths = Array.from({ length: 10 }, () => 0.1);

describe('sums', () => {
  const cases: [string, readonly Maybe[], string][] = [
    ['nothing', [], 'int 0'],
    ['what is no number', ['a', null, undefined, true, [int32(1)]], 'int 0'],
    ['ints', [int32(1), int32(2)], 'int 3'],
    ['ints beyond 32 bits', [int32(2_147_483_647), int32(1)], 'long 2147483648'],
    ['ints back within 32 bits', [int32(2_147_483_647), int32(1), int32(-1)], 'int 2147483647'],
    ['longs', [1n, int32(1)], 'long 2'],
    ['the greatest long', [maxLong, 1n, -1n], 'long 9223372036854775807'],
    ['longs beyond 64 bits', [maxLong, 1n], 'double 9223372036854776000'],
    ['the smallest long', [-maxLong, -1n], 'long -9223372036854775808'],
    ['doubles without loss', tenths, 'double 1'],
    ['an int and a double', [int32(1), 2], 'double 3'],
    ['a long and a double', [2n ** 53n, 1, 1], 'double 9007199254740994'],
    ['infinities', [Number.POSITIVE_INFINITY, int32(1)], 'double Infinity'],
    ['infinities that meet', [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 'double NaN'],
    ['NaN', [Number.NaN, 1], 'double NaN'],
    ['a negative zero', [-0], 'double 0'],
    ['decimals', [decimal('1.50'), int32(1), 2n], 'decimal 4.50'],
    ['decimals and infinity', [decimal('1'), Number.NEGATIVE_INFINITY], 'decimal -Infinity'],
  ];
  for (const [name, values, expected] of cases) test(name, () => assert.equal(folded(newSum(), values), expected));

  test('more may be added after a result', () => {
    const sum = newSum();
    sum.add(int32(1));
    assert.equal(textOf(sum.result()), 'int 1');
    sum.add(2.5);
    assert.equal(textOf(sum.result()), 'double 3.5');
  });

  test('whole numbers beyond 53 bits stay exact', () => {
    const sum = new DoubleSum();
    for (const value of [maxLong, maxLong, -maxLong, 1n - maxLong]) sum.addLong(value);
    assert.equal(sum.toInteger(), 1n);
  });
});

describe('averages', () => {
  const cases: [string, readonly Maybe[], string][] = [
    ['nothing', ['a'], 'null null'],
    ['ints', [int32(1), int32(2), null], 'double 1.5'],
    ['an int', [int32(4)], 'double 4'],
    ['decimals', [decimal('1'), int32(2)], 'decimal 1.5'],
    ['NaN', [Number.NaN, int32(1)], 'double NaN'],
  ];
  for (const [name, values, expected] of cases) test(name, () => assert.equal(folded(newAverage(), values), expected));
});

describe('deviations', () => {
  const cases: [string, 'population' | 'sample', readonly Maybe[], string][] = [
    ['nothing', 'population', [], 'null null'],
    ['one value', 'population', [int32(3)], 'double 0'],
    ['one value of a sample', 'sample', [int32(3)], 'null null'],
    ['a population', 'population', [2, 4, 4, 4, 5, 5, 7, 9].map(int32), 'double 2'],
    ['a sample', 'sample', [1n, decimal('3'), 'a'], 'double 1.4142135623730951'],
    ['infinity', 'population', [1, Number.POSITIVE_INFINITY], 'double NaN'],
  ];
  for (const [name, of, values, expected] of cases) test(name, () => assert.equal(folded(newDeviation(of), values), expected));
});
