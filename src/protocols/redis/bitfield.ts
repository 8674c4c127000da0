// BITFIELD's language: operations on integers of any width within a string, with three ways to treat overflows.

import { bigintArgument, wordOf } from './arguments.ts';
import { readBits, writeBits } from './bits.ts';
import { parseInt64 } from './numbers.ts';
import { RedisError, redisErrors } from './redis-error.ts';

type Overflow = 'WRAP' | 'SAT' | 'FAIL';
export type BitfieldOperation = {
  readonly action: 'GET' | 'SET' | 'INCRBY';
  readonly isSigned: boolean;
  readonly width: number;
  readonly offset: number;
  /** The new value or the increment. */
  readonly operand: bigint;
  readonly overflow: Overflow;
};

const invalidType = new RedisError(
  'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.',
);
const invalidBitOffset = new RedisError('ERR bit offset is not an integer or out of range');

/** A bit's position. `#n`, where allowed by `width`, is the n-th field of that width. Errors: beyond `limitBytes`. */
export function bitOffset(bytes: Buffer, { limitBytes, width }: { readonly limitBytes: number; readonly width?: number }): number {
  const isHash = width !== undefined && bytes[0] === 0x23;
  const given = parseInt64(isHash ? bytes.subarray(1) : bytes);
  if (given === undefined) throw invalidBitOffset;
  const offset = isHash ? given * BigInt(width) : given;
  if (offset < 0n || offset >> 3n >= BigInt(limitBytes)) throw invalidBitOffset;
  return Number(offset);
}

/** Reads the operations of BITFIELD and BITFIELD_RO. */
export function parseBitfield(words: readonly Buffer[], { readOnly, limitBytes }: { readonly readOnly: boolean; readonly limitBytes: number }): BitfieldOperation[] {
  const operations: BitfieldOperation[] = [];
  let overflow: Overflow = 'WRAP';
  for (let index = 0; index < words.length; ) {
    const action = wordOf(words[index]);
    const left = words.length - index - 1;
    if (action === 'OVERFLOW' && left >= 1) {
      overflow = overflowOf(words[index + 1]);
      index += 2;
      continue;
    }
    const hasOperand = action === 'SET' || action === 'INCRBY';
    if (!(action === 'GET' && left >= 2) && !(hasOperand && left >= 3)) throw redisErrors.syntax;
    const { isSigned, width } = fieldType(words[index + 1]!);
    const offset = bitOffset(words[index + 2]!, { limitBytes, width });
    const operand = hasOperand ? bigintArgument(words[index + 3]!) : 0n;
    operations.push({ action, isSigned, width, offset, operand, overflow });
    index += hasOperand ? 4 : 3;
  }
  if (readOnly && operations.some(({ action }) => action !== 'GET')) {
    throw new RedisError('ERR BITFIELD_RO only supports the GET subcommand');
  }
  return operations;
}

function overflowOf(word: Buffer | undefined): Overflow {
  const name = wordOf(word);
  if (name !== 'WRAP' && name !== 'SAT' && name !== 'FAIL') throw new RedisError('ERR Invalid OVERFLOW type specified');
  return name;
}

function fieldType(word: Buffer): { readonly isSigned: boolean; readonly width: number } {
  const sign = String.fromCharCode(word[0] ?? 0);
  const width = parseInt64(word.subarray(1));
  const isSigned = sign === 'i';
  if ((!isSigned && sign !== 'u') || width === undefined || width < 1n || width > (isSigned ? 64n : 63n)) throw invalidType;
  return { isSigned, width: Number(width) };
}

/** How long the string has to be for what these operations write; 0 when they only read. */
export function bytesWritten(operations: readonly BitfieldOperation[]): number {
  const ends = operations.filter(({ action }) => action !== 'GET').map(({ offset, width }) => Math.floor((offset + width - 1) / 8) + 1);
  return Math.max(0, ...ends);
}

/** The first and the last byte that the operations look at. */
export function bytesTouched(operations: readonly BitfieldOperation[]): { readonly first: number; readonly last: number } {
  if (operations.length === 0) return { first: 0, last: 0 };
  let [first, last] = [Infinity, 0];
  for (const { offset, width } of operations) {
    first = Math.min(first, Math.floor(offset / 8));
    last = Math.max(last, Math.floor((offset + width - 1) / 8));
  }
  return { first, last };
}

export type BitfieldRun = {
  /** Null for what overflowed under FAIL. */
  readonly replies: (bigint | null)[];
  /** Operations that wrote something, and those of them that wrote something else than was there. */
  readonly writes: number;
  readonly changes: number;
};

/** Carries the operations out on the bytes. */
export function runBitfield(bytes: Buffer, operations: readonly BitfieldOperation[]): BitfieldRun {
  const replies: (bigint | null)[] = [];
  let writes = 0;
  let changes = 0;
  for (const operation of operations) {
    const { action, isSigned, width, offset, operand } = operation;
    const bits = readBits(bytes, offset, width);
    const before = isSigned ? BigInt.asIntN(width, bits) : bits;
    const after = action === 'GET' ? before : fitted(operation, action === 'SET' ? setValue(operand, isSigned) : before + operand);
    if (action !== 'GET' && after !== null) {
      writeBits(bytes, offset, width, after);
      writes += 1;
      if (readBits(bytes, offset, width) !== bits) changes += 1;
    }
    replies.push(after === null ? null : action === 'INCRBY' ? after : before);
  }
  return { replies, writes, changes };
}

/** What SET writes: an unsigned field takes a negative number as the large one with the same 64 bits. */
function setValue(operand: bigint, isSigned: boolean): bigint {
  return isSigned ? operand : BigInt.asUintN(64, operand);
}

function fitted({ isSigned, width, overflow }: BitfieldOperation, value: bigint): bigint | null {
  const lowest = isSigned ? -(1n << BigInt(width - 1)) : 0n;
  const highest = (1n << BigInt(isSigned ? width - 1 : width)) - 1n;
  if (value >= lowest && value <= highest) return value;
  if (overflow === 'FAIL') return null;
  if (overflow === 'SAT') return value > highest ? highest : lowest;
  return isSigned ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
}
