// $bitAnd, $bitOr, $bitXor and $bitNot: on ints and longs. Source: MongoDB's manual, and its server for the codes.

import type { Maybe } from '../../../../values/bson/types.ts';
import { Int32, int32 } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { isNullish, toBigInt, typeNameOfMaybe } from '../coercions.ts';
import type { Operator, PlainOperator } from '../expression.ts';
import { onNumber } from './arithmetic.ts';

type Bitwise = { readonly name: string; readonly neutral: number; readonly ofInts: (a: number, b: number) => number; readonly ofLongs: (a: bigint, b: bigint) => bigint };

/** A long where one of the operands is. Throws DocumentError TypeMismatch. */
function bitwise({ name, neutral, ofInts, ofLongs }: Bitwise): PlainOperator['evaluate'] {
  const combine = (a: Int32 | bigint, b: Int32 | bigint): Int32 | bigint =>
    a instanceof Int32 && b instanceof Int32 ? int32(ofInts(a.value, b.value)) : ofLongs(toBigInt(a), toBigInt(b));
  return (...operands) => {
    let result: Int32 | bigint = int32(neutral);
    for (const operand of operands) {
      if (isNullish(operand)) return null;
      assertInteger(name, operand);
      result = combine(result, operand);
    }
    return result;
  };
}

function assertInteger(name: string, value: Maybe): asserts value is Int32 | bigint {
  if (value instanceof Int32 || typeof value === 'bigint') return;
  throw new DocumentError('TypeMismatch', `${name} only supports int and long operands.`);
}

const any = { min: 0, max: Number.POSITIVE_INFINITY } as const;

export const bitwiseOperators: readonly Operator[] = [
  {
    name: '$bitAnd',
    arguments: any,
    stopsAtNull: true,
    evaluate: bitwise({ name: '$bitAnd', neutral: -1, ofInts: (a, b) => a & b, ofLongs: (a, b) => a & b }),
    examples: [
      { expression: '{"$bitAnd": [12, 10]}', result: '8' },
      { expression: '{"$bitAnd": [12, 1.5]}', error: 14 },
      { expression: '{"$bitAnd": ["$missing", {"$toInt": "$$ROOT"}]}', result: 'null' },
    ],
  },
  {
    name: '$bitOr',
    arguments: any,
    stopsAtNull: true,
    evaluate: bitwise({ name: '$bitOr', neutral: 0, ofInts: (a, b) => a | b, ofLongs: (a, b) => a | b }),
    examples: [{ expression: '{"$bitOr": [12, {"$numberLong": "3"}]}', result: '{"$numberLong": "15"}' }],
  },
  {
    name: '$bitXor',
    arguments: any,
    stopsAtNull: true,
    evaluate: bitwise({ name: '$bitXor', neutral: 0, ofInts: (a, b) => a ^ b, ofLongs: (a, b) => a ^ b }),
    examples: [{ expression: '{"$bitXor": [12, 10]}', result: '6' }],
  },
  {
    name: '$bitNot',
    arguments: 1,
    evaluate: onNumber('$bitNot', (value) => {
      if (value instanceof Int32) return int32(~value.value);
      if (typeof value === 'bigint') return ~value;
      throw new DocumentError('TypeMismatch', `$bitNot only supports int and long, not: ${typeNameOfMaybe(value)}.`);
    }),
    examples: [
      { expression: '{"$bitNot": 0}', result: '-1' },
      { expression: '{"$bitNot": "x"}', error: 28765 },
    ],
  },
];
