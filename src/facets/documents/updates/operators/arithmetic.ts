// Operators that calculate: $inc, $mul, $bit.

import { Int32, int32, isNumeric, typeNameOf } from '../../../../values/bson/types.ts';
import type { Numeric, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { elementText, idText } from '../messages.ts';
import { addNumbers, isSameNumber, longOf, multiplyNumbers, typedNumberText } from '../numbers.ts';
import { unchanged } from '../update.ts';
import type { LeafNode, Place, UpdateOperator } from '../update.ts';

type Calculation = {
  readonly operator: '$inc' | '$mul';
  readonly verb: string;
  readonly calculate: (operand: Numeric, current: Numeric) => Numeric | undefined;
  /** What a missing field becomes. */
  readonly initial: (operand: Numeric) => Numeric;
};

const increment: Calculation = { operator: '$inc', verb: 'increment', calculate: addNumbers, initial: (operand) => operand };
// A missing field becomes zero of the operand's type; NaN and the infinities times zero are NaN.
const multiply: Calculation = { operator: '$mul', verb: 'multiply', calculate: multiplyNumbers, initial: (operand) => multiplyNumbers(operand, int32(0))! };

function parseCalculation({ operator, verb, calculate, initial }: Calculation, { field, value }: { field: string; value: Value }): LeafNode {
  if (!isNumeric(value)) throw new DocumentError('TypeMismatch', `Cannot ${verb} with non-numeric argument: {${elementText(field, value)}}`);
  return {
    kind: 'leaf',
    operator,
    change: (current, place) => {
      if (!isNumeric(current)) throw notNumeric(operator, current, place);
      const result = calculate(value, current);
      if (result === undefined) {
        throw new DocumentError('BadValue', `Failed to apply ${operator} operations to current value (${typedNumberText(current)}) for document {${idText(place.document, 'no id')}}`);
      }
      return isSameNumber(current, result) ? unchanged : result;
    },
    create: () => initial(value),
  };
}

function notNumeric(operator: string, current: Value, { path, document }: Place): DocumentError {
  return new DocumentError('TypeMismatch', `Cannot apply ${operator} to a value of non-numeric type. {${idText(document)}} has the field '${path.at(-1)}' of non-numeric type ${typeNameOf(current)}`);
}

type Integer = Int32 | bigint;
type BitOperation = { readonly name: string; readonly operand: Integer };

const bitOperators: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

function parseBit({ value }: { readonly value: Value }): LeafNode {
  const operations = parseBitOperations(value);
  return {
    kind: 'leaf',
    operator: '$bit',
    change: (current, { document, path }) => {
      if (!isInteger(current)) {
        throw new DocumentError('BadValue', `Cannot apply $bit to a value of non-integral type.${idText(document)} has the field ${path.at(-1)} of non-integer type ${typeNameOf(current)}`);
      }
      const result = applyBits(current, operations);
      return isSameNumber(current, result) ? unchanged : result;
    },
    create: () => applyBits(int32(0), operations),
  };
}

function parseBitOperations(value: Value): BitOperation[] {
  if (!(value instanceof Map)) {
    throw new DocumentError('BadValue', `The $bit modifier is not compatible with a ${typeNameOf(value)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`);
  }
  const operations = [...value].map(([name, operand]) => parseBitOperation(name, operand));
  if (operations.length === 0) throw new DocumentError('BadValue', 'You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}');
  return operations;
}

function parseBitOperation(name: string, operand: Value): BitOperation {
  if (!Object.hasOwn(bitOperators, name)) {
    throw new DocumentError('BadValue', `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator: {${elementText(name, operand)}}`);
  }
  if (!isInteger(operand)) {
    throw new DocumentError('BadValue', `The $bit modifier field must be an Integer(32/64 bit); a '${typeNameOf(operand)}' is not supported here: {${elementText(name, operand)}}`);
  }
  return { name, operand };
}

function applyBits(initial: Integer, operations: readonly BitOperation[]): Integer {
  return operations.reduce<Integer>((current, { name, operand }) => {
    const bits = bitOperators[name]!(longOf(current), longOf(operand));
    return current instanceof Int32 && operand instanceof Int32 ? int32(Number(bits)) : bits;
  }, initial);
}

function isInteger(value: Value): value is Integer {
  return typeof value === 'bigint' || value instanceof Int32;
}

export const arithmeticOperators: readonly UpdateOperator[] = [
  { name: '$inc', parse: (argument) => parseCalculation(increment, argument) },
  { name: '$mul', parse: (argument) => parseCalculation(multiply, argument) },
  { name: '$bit', parse: parseBit },
];
