// The operands of $bitsAllSet and its kin: a mask, positions, or binary data; and their test.

import { Binary, Decimal128, isNumeric, type Maybe, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { coerceToLong } from '../expressions/coercions.ts';
import { shellText } from '../expressions/shell-text.ts';
import type { BitFilter, BitOperator } from './filter.ts';
import { parseNonNegativeInt32, parseNonNegativeLong, wholeLong } from './numbers.ts';

type Bits = Pick<BitFilter, 'mask' | 'positions'>;

/** Throws DocumentError: BadValue, FailedToParse. `path` is the field's, for the message. */
export function parseBits(operator: BitOperator, path: string, operand: Value): Bits {
  if (Array.isArray(operand)) return bitsOfPositions(operand.map((position, index) => parsePosition(index, position)));
  if (isNumeric(operand)) return bitsOfMask(parseNonNegativeLong(operator, operand));
  if (operand instanceof Binary) return bitsOfBytes(operand.bytes);
  throw new DocumentError('BadValue', `${path} takes an Array, a number, or a BinData but received: ${operator}: ${shellText(operand)}`);
}

function parsePosition(index: number, position: Value): number {
  try {
    return parseNonNegativeInt32(String(index), position);
  } catch (error) {
    if (error instanceof DocumentError) throw new DocumentError('BadValue', `Failed to parse bit position. ${error.details}`, { cause: error });
    throw error;
  }
}

/** Numbers continue with their sign: what lies beyond 64 bits is their last bit. */
function bitsOfPositions(positions: readonly number[]): Bits {
  return { mask: positions.reduce((mask, position) => mask | (1n << BigInt(Math.min(position, 63))), 0n), positions };
}

function bitsOfMask(mask: bigint): Bits {
  return { mask, positions: Array.from({ length: 64 }, (_, position) => position).filter((position) => (mask >> BigInt(position)) & 1n) };
}

/** MongoDB takes the bytes as signed when it makes the mask for numbers: from 0x80 on they set all higher bits too. */
function bitsOfBytes(bytes: Uint8Array): Bits {
  let mask = 0n;
  const positions: number[] = [];
  for (const [index, byte] of bytes.entries()) {
    if (byte === 0) continue;
    mask |= index < 8 ? BigInt.asUintN(64, BigInt.asIntN(8, BigInt(byte)) << BigInt(index * 8)) : 1n << 63n;
    for (let bit = 0; bit < 8; bit += 1) if (byte & (1 << bit)) positions.push(index * 8 + bit);
  }
  return { mask, positions };
}

/** Whether a value (a number that stands for 64 bits, or binary data) has the bits. A double must be whole, a decimal is rounded. */
export function bitPredicate({ operator, mask, positions }: BitFilter): (value: Maybe) => boolean {
  const set = operator === '$bitsAllSet' || operator === '$bitsAnySet';
  const all = operator === '$bitsAllSet' || operator === '$bitsAllClear';
  return (value) => {
    if (value instanceof Binary) {
      const { bytes } = value;
      const holds = (position: number): boolean => bitOfBytes(bytes, position) === set;
      return all ? positions.every(holds) : positions.some(holds);
    }
    if (!isNumeric(value)) return false;
    const long = value instanceof Decimal128 ? coerceToLong(value) : wholeLong(value);
    if (long === undefined) return false;
    const found = mask & BigInt.asUintN(64, set ? long : ~long);
    return all ? found === mask : found !== 0n;
  };
}

function bitOfBytes(bytes: Uint8Array, position: number): boolean {
  return ((bytes[Math.floor(position / 8)] ?? 0) & (1 << position % 8)) !== 0;
}
